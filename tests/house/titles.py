#!/usr/bin/env python3
"""The tests a document names exist.

    titles.py ROOT DOCUMENT…    prints each "title" of a document that no test has, exit 1 if there is any
"""
import pathlib
import re
import sys

TITLE = re.compile(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*)"', re.S)
NAMED = re.compile(r'"([^"]+)"')


def missing(root, document):
    titles = {title for path in (root / "src").rglob("*_test.cc") for title in TITLE.findall(path.read_text())}
    named = [" ".join(name.split()) for name in NAMED.findall(document.read_text())]
    if not named:
        yield f"{document.name}: names no test"
    for name in named:
        if name not in titles:
            yield f'{document.name}: no test is called "{name}"'


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    found = [line for document in sys.argv[2:] for line in missing(root, root / document)]
    print("\n".join(found) if found else "every test that is named exists")
    sys.exit(1 if found else 0)

#!/usr/bin/env python3
"""The rules of the house, checked: which room may include which, who may name a library, how long a file may be.

    rules.py ROOT      prints one line per breach, exit 1 if there is any
"""
import pathlib
import re
import sys

# Arrows point down only, and literally: a room includes what stands in its row, not what those rooms include.
# `base` is open to all.
MAY_INCLUDE = {
    "base": "",
    "crypto": "",
    "mls": "crypto",
    "opaque": "crypto",
    "keylog": "crypto",
    "wire": "crypto mls",
    "sql": "",
    "schema": "",
    "loop": "",
    "quic": "schema loop",
    "server": "crypto mls opaque keylog wire sql schema loop quic",
    "client": "crypto mls opaque keylog wire sql schema loop quic",
    "command": "client loop",
    "mesh": "client quic schema loop",
    "ffi": "command",
}
# Of these rooms only some headers are open to a given room.
ONLY_HEADERS = {
    ("wire", "mls"): r"mls/message/",
    ("server", "mls"): r"mls/message/",
}
PLAIN = ["base", "crypto", "mls", "opaque", "keylog", "wire", "sql"]

# Whose name may stand where: a library has one door.
LIBRARY_DOORS = {
    r'#include <openssl/(ssl|x509\w*)\.h>': ["quic"],
    r'#include <openssl/': ["crypto", "quic"],
    r'#include <sodium': ["crypto"],
    r'#include <sql(ite3|cipher/)': ["sql"],
    r'#include <ngtcp2/': ["quic"],
}
KJ = re.compile(r'#include <(kj|capnp)/')
CLOCK_OR_THREAD = re.compile(r'\b(system_clock|steady_clock|clock_gettime|gettimeofday|std::thread|std::mutex|std::random_device)\b')
BANNED_NAMES = re.compile(r'\b(class|struct)\s+\w*(Manager|Helper|Util|Utils)\b')
LEFT_OPEN = re.compile(r'\b(TODO|FIXME|XXX)\b')
INCLUDE = re.compile(r'\s*#include "([\w.]+)/')
FILE_LINES_MAX = 600


def breaches_in(path, text):
    """path relative to the root, as parts; yields (line, what)."""
    parts = path.parts
    room = parts[1] if parts[0] == "src" and len(parts) > 2 else None
    is_test = path.stem.endswith("_test")
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield len(lines), f"{len(lines)} lines: two nouns in one file (at most {FILE_LINES_MAX})"
    for number, line in enumerate(lines, 1):
        if LEFT_OPEN.search(line):
            yield number, "left open: do it, or say it in docs/status.md"
        if BANNED_NAMES.search(line):
            yield number, "name the noun, not the chore"
        if room is None:
            continue
        included = INCLUDE.match(line)
        if included:
            yield from ((number, what) for what in include_breach(room, included[1], line, is_test))
        for pattern, doors in LIBRARY_DOORS.items():
            if re.search(pattern, line) and room not in doors:
                yield number, f"{line.strip()} belongs behind {' or '.join(doors)}/"
                break
        if room in PLAIN:
            if KJ.search(line):
                yield number, f"{room}/ is below the KJ line"
            if CLOCK_OR_THREAD.search(line) and not is_test:
                yield number, f"{room}/ owns no clock, thread or randomness: have it passed in"


def include_breach(room, target, line, is_test):
    if target not in MAY_INCLUDE:
        if target == "support" and not is_test:
            yield "only tests include tests/"
        return
    if target in (room, "base"):
        return
    if room not in MAY_INCLUDE:
        yield f"src/{room} is not in the table of rooms"
    elif target not in MAY_INCLUDE[room].split():
        yield f"{room}/ may not include {target}/"
    elif (room, target) in ONLY_HEADERS and not is_test and not re.search(ONLY_HEADERS[room, target], line):
        yield f"of {target}/, {room}/ may include only {ONLY_HEADERS[room, target]}"


def breaches(root):
    for top in ("src", "apps", "tests", "bench"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc", ".py", ".capnp") and path.name not in ("rules.py", "rules_test.py") \
                    and "node_modules" not in path.parts:
                relative = path.relative_to(root)
                for line, what in breaches_in(relative, path.read_text(errors="replace")):
                    yield f"{relative}:{line}: {what}"
    for room in sorted(p for p in (root / "src").iterdir() if p.is_dir()):
        if room.name not in MAY_INCLUDE:
            yield f"src/{room.name}: not in the table of rooms"
        if not (room / "README.md").exists():
            yield f"src/{room.name}: has no README.md (what lives here, open this first, what does not belong)"


if __name__ == "__main__":
    found = list(breaches(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found) if found else "the rules hold")
    sys.exit(1 if found else 0)

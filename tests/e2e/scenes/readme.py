"""The README shows the screens that the programs show."""
import itertools
import os
import pathlib
import re
import unittest

from world import Scene

README = pathlib.Path(__file__).parents[3] / "README.md"
MARK = "<!-- made by tests/e2e/scenes/readme.py -->\n"


def as_shown_to_everybody(row):
    """What differs from run to run and machine to machine is written as an example."""
    return re.sub(r"\b\d\d:\d\d\b", "16:00", re.sub(r"127\.0\.0\.1:\d+", "chat.example.org:7000", row))


def beside(left, right):
    left, right = [[as_shown_to_everybody(row) for row in rows] for rows in (left, right)]
    width = max(map(len, left)) + 4
    return [f"{a:{width}}{b}".rstrip() for a, b in itertools.zip_longest(left, right, fillvalue="")]


class Readme(Scene):
    def test_its_picture_is_what_two_people_see(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        hers, his = [person.terminal("repl", columns=60, rows=14) for person in (alice, bob)]
        for terminal in (hers, his):
            terminal.await_last_row("›")
        hers.type("/dm bob\r")
        hers.await_last_row("@bob ›")
        his.await_text("alice added you")
        hers.type("tea at four?\r")
        his.await_text("tea at four?")
        his.type("/switch @alice\r")
        his.await_last_row("@alice ›")
        his.type("with milk\r")
        hers.await_text("with milk")
        his.await_last_row("@alice ›")
        hers.type("and a bi")
        hers.await_last_row("@bob › and a bi")
        seen = beside(["$ qpq repl --username alice", *hers.rows()], ["$ qpq repl --username bob", *his.rows()])
        block = MARK + "```\n" + "\n".join(seen) + "\n```\n"
        written = README.read_text()
        if os.environ.get("QPQ_WRITE_README"):
            before, _, rest = written.partition(MARK)
            README.write_text(before + block + rest.split("```\n", 2)[2])
        self.assertIn(block, README.read_text(), "the README's picture is not what is seen; QPQ_WRITE_README=1 makes it")

    def test_its_commands_for_files_do_what_it_says(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        inbox = self.folder / "inbox"
        inbox.mkdir()
        shown = {}
        line = r"^\./qpq --username (\w+) (\S*file\S*)([^#\n]*)"
        for who, command, rest in re.findall(line, README.read_text(), re.MULTILINE):
            words = rest.replace("../../../README.md", str(README)).replace("/tmp", str(inbox)).split()
            bob.run("recv")
            shown[command] = {"alice": alice, "bob": bob}[who].run(command, *words)
        self.assertEqual(list(shown), ["send-file", "save-file", "files", "drop-file"])
        self.assertEqual((inbox / "README.md").read_bytes(), README.read_bytes())
        self.assertIn("README.md", str(shown["files"]))


if __name__ == "__main__":
    unittest.main()

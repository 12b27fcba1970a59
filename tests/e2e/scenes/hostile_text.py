"""Text made to hurt leaves the terminal of its reader intact."""
import unittest

from world import Scene

BELL, ESCAPE = "\x07", "\x1b"
HOSTILE = {
    "a title": f"{ESCAPE}]0;pwned{BELL}",
    "a title by C1": "\x9d0;pwned\x9c",
    "a cleared screen": f"{ESCAPE}[2J{ESCAPE}[H",
    "a reset": f"{ESCAPE}c",
    "the other screen": f"{ESCAPE}[?1049h",
    "colours": f"{ESCAPE}[31;1m",
    "a question the terminal would answer": f"{ESCAPE}[6n{ESCAPE}[c",
    "a key made to be pasted": f"{ESCAPE}]52;c;cm0gLXJm{BELL}",
    "rows overwritten": f"{ESCAPE}[5A\rbob said yes",
    "backspaces": "no\b\byes",
    "a carriage return": "harmless\rEVIL",
    "reversed reading": "\u202egnp.exe\u202c",
    "isolates": "\u2066\u2067x\u2069",
    "invisible": "a\u200bb\u00adc\ufeffd\U000e0041",
    "a tower of marks": "Z" + "\u0301" * 200,
    "nothing but newlines": "\n" * 40 + "end of newlines",
}


class HostileText(Scene):
    def read_on_a_terminal(self, texts):
        """Bob's terminal with an unfinished draft, after alice sent him the texts and a last harmless one."""
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        terminal = bob.terminal("repl")
        terminal.await_text("you are @bob")
        terminal.type("/switch @alice\r")
        terminal.await_last_row("@alice ›")
        terminal.type("my draft")
        terminal.await_last_row("@alice › my draft")
        alice.talk()  # the commands that follow attach to it
        for text in [*texts, "the last one"]:
            alice.send("@bob", text)
        terminal.await_text("the last one")
        return terminal

    def assert_intact(self, terminal):
        terminal.await_last_row("@alice › my draft")
        self.assertEqual(terminal.cursor(), (len(terminal.rows()) - 1, len("@alice › my draft")))
        self.assertEqual(terminal.screen.title, "")
        self.assertEqual(terminal.screen.icon_name, "")
        row = terminal.screen.buffer[terminal.screen.cursor.y]
        self.assertEqual({row[x].fg for x in range(terminal.screen.columns)}, {"default"})
        terminal.type("\x03")  # gives up the draft
        terminal.await_last_row("@alice ›")
        terminal.type("/quit\r")
        self.assertEqual(terminal.await_exit(), 0)
        self.assertTrue(terminal.mode_is_restored())

    def test_sequences_and_deceptive_characters_are_shown_as_what_they_are(self):
        terminal = self.read_on_a_terminal(HOSTILE.values())
        self.assert_intact(terminal)
        everything = "\n".join(terminal.everything())
        for hidden in "\u202e\u2066\u2067\u200b\u00ad\ufeff\x9d\x9c":
            self.assertNotIn(hidden, everything)
        self.assertIn("harmless␦EVIL", everything)
        self.assertNotIn("\n" + "EVIL", everything)
        self.assertIn("␦gnp.exe␦", everything)
        self.assertIn("end of newlines", everything)

    def test_one_very_long_line_is_only_long(self):
        terminal = self.read_on_a_terminal(["w" * 60_000, "漢" * 20_000])
        self.assert_intact(terminal)

    def test_the_program_itself_writes_only_known_sequences(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        for text in HOSTILE.values():
            alice.send("@bob", text)
        for arguments in (["recv"], ["history", "@alice"], ["list"], ["members", "@alice"]):
            shown = bob.run(*arguments).out
            for character in shown:
                self.assertTrue(character == "\n" or character.isprintable() or character in "\u0301\u200d",
                                f"{character!r} in qpq {arguments[0]}")

    def test_a_group_with_a_hostile_name_is_harmless(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        title = f"team{ESCAPE}]0;pwned{BELL}\n\u202eevil"
        alice.run("create-group", title)
        log = alice.ask("list")["conversations"][0]["conversation"]
        alice.run("invite", log, "bob")
        terminal = bob.terminal("repl")
        terminal.await_text("you are @bob")
        terminal.type("/join\r")
        terminal.await_text("#team␦")
        self.assertEqual(terminal.screen.title, "")
        terminal.type("/quit\r")
        self.assertEqual(terminal.await_exit(), 0)

    def test_what_is_not_utf8_is_not_sent(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        for broken in (b"\xff\xfe", b"half a character \xf0\x9f", b"\xc0\xaf", b"\xed\xa0\x80"):
            with self.subTest(broken=broken):
                refused = alice.run("send", "@bob", broken, code=2)
                refused.err.encode()  # the error itself is text
                answer = alice.run("repl", given=b"/switch @bob\n" + broken + b"\n", code=2)
                answer.out.encode()
        self.assertEqual(bob.unread(), [])

    def test_a_pasted_megabyte_neither_hangs_nor_breaks_the_terminal(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        terminal = alice.terminal("repl")
        terminal.await_text("you are @alice")
        terminal.type("/switch @bob\r")
        terminal.await_last_row("@bob ›")
        terminal.type(f"{ESCAPE}[200~" + "x" * 1_000_000 + f"{ESCAPE}[201~")
        terminal.type("\r")
        terminal.await_text("at most 60000 bytes")
        terminal.await_last_row("@bob ›")
        terminal.type("short enough\r")
        self.assertEqual(bob.ask("join")["title"], "alice")
        terminal.type("/quit\r")
        self.assertEqual(terminal.await_exit(), 0)
        self.assertEqual(bob.texts("@alice"), ["short enough"])


if __name__ == "__main__":
    unittest.main()

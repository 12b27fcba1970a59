"""Writing on a terminal: the draft is one's own, whatever arrives."""
import os
import signal
import unittest

from world import Scene


class TheTerminal(Scene):
    def open(self, **size):
        """Alice, and bob's terminal in his conversation with her."""
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        terminal = bob.terminal("repl", **size)
        terminal.await_text("you are @bob")
        terminal.await_last_row("›")
        terminal.type("/switch @alice\r")
        terminal.await_last_row("@alice ›")
        return alice, bob, terminal

    def test_a_draft_survives_messages_that_arrive(self):
        alice, bob, terminal = self.open()
        terminal.type("Žluťoučký 🐎 half a thou")
        terminal.await_text("half a thou")
        column = terminal.cursor()[1]
        for text in ("one", "two\nwith a second line", "three"):
            alice.send("@bob", text)
        terminal.await_text("three")
        terminal.await_last_row("@alice › Žluťoučký 🐎 half a thou")
        self.assertEqual(terminal.cursor()[1], column)
        terminal.type("ght\r")
        terminal.await_last_row("@alice ›")
        alice.begin("recv", "--follow").await_line("Žluťoučký 🐎 half a thought")
        self.assertEqual(len([row for row in terminal.everything() if "@alice ›" in row]), 1, "one prompt, not many")

    def test_opening_a_conversation_shows_all_that_is_unread_in_it_and_nothing_twice(self):
        alice, bob, terminal = self.open()
        bob.run("create-group", "team")
        terminal.type("/switch #team\r")
        terminal.await_last_row("#team ›")
        texts = [f"number {n:02}" for n in range(15)]
        for text in texts:
            alice.send("@bob", text)
        terminal.await_text("[@alice]")
        terminal.await_text(texts[-1])
        before = len(terminal.everything())
        terminal.type("/switch @alice\r")
        terminal.await_last_row("@alice ›")
        terminal.out.wait(lambda: any(texts[-1] in row for row in terminal.everything()[before - 1:]), "the history")
        opened = [row for row in terminal.everything()[before - 1:] if "number" in row]
        self.assertEqual([row[-9:] for row in opened], texts)

    def test_each_conversation_keeps_its_own_draft(self):
        alice, bob, terminal = self.open()
        bob.run("create-group", "team")
        terminal.type("for alice")
        terminal.await_last_row("@alice › for alice")
        terminal.type("\x15/switch #team\r")
        terminal.await_last_row("#team ›")
        terminal.type("for the team")
        terminal.await_last_row("#team › for the team")
        alice.send("@bob", "psst")
        terminal.await_text("[@alice]")
        terminal.type("\x1ba")  # Alt-a: the next conversation with something unread
        terminal.await_last_row("@alice ›")
        terminal.await_text("psst")

    def test_several_pasted_lines_are_one_message(self):
        alice, bob, terminal = self.open()
        terminal.type("\x1b[200~first line\nsecond line\x1b[201~")
        terminal.await_last_row("@alice › first line⏎second line")
        terminal.type("\r")
        terminal.await_last_row("@alice ›")
        alice.begin("recv", "--follow", "--json").await_line(r'"text":"first line\\nsecond line"')

    def test_a_narrower_window_redraws_the_draft(self):
        alice, bob, terminal = self.open(columns=60, rows=20)
        terminal.type("word " * 8)
        terminal.resize(30, 20)
        alice.send("@bob", "after the change")
        terminal.await_text("after the change")
        written = "".join(terminal.rows()[-2:])
        self.assertIn("word", written)
        terminal.type("\r")
        terminal.await_last_row("@alice ›")

    def test_commands_and_names_are_completed(self):
        alice, bob, terminal = self.open()
        terminal.type("/cre\t")
        terminal.await_last_row("@alice › /create-group")
        terminal.type("team\r")
        terminal.await_last_row("#team ›")
        terminal.type("/switch @al\t\r")
        terminal.await_last_row("@alice ›")

    def test_an_unknown_command_is_no_message(self):
        alice, bob, terminal = self.open()
        terminal.type("/memberss\r")
        terminal.await_text("did you mean /members?")
        terminal.type("//slash\r")
        terminal.await_text("bob  /slash")
        alice.begin("recv", "--follow").await_line("bob  /slash")

    def test_control_c_gives_up_the_draft_and_then_leaves(self):
        alice, bob, terminal = self.open()
        terminal.type("never mind")
        terminal.await_last_row("@alice › never mind")
        terminal.type("\x03")
        terminal.await_last_row("@alice ›")
        terminal.type("\x03")
        self.assertEqual(terminal.await_exit(), 130)
        self.assertTrue(terminal.mode_is_restored())

    def test_control_d_leaves_an_empty_line(self):
        alice, bob, terminal = self.open()
        terminal.type("\x04")
        self.assertEqual(terminal.await_exit(), 0)
        self.assertTrue(terminal.mode_is_restored())

    def restores_after(self, told):
        alice, bob, terminal = self.open()
        os.kill(terminal.pid, told)
        self.assertEqual(terminal.await_exit(), -told)
        self.assertTrue(terminal.mode_is_restored())

    def test_a_terminal_is_restored_when_the_program_is_told_to_end(self):
        self.restores_after(signal.SIGTERM)

    def test_a_terminal_is_restored_when_its_window_is_closed(self):
        self.restores_after(signal.SIGHUP)

    def types_passwords(self, first, second):
        carol = self.stranger("carol", self.server())
        del carol.env["QPQ_PASSWORD"]
        terminal = carol.terminal("register-user", "carol", "--accept-new-server")
        terminal.await_text("password of carol:")
        terminal.type(first + "\r")
        terminal.await_text("the same again:")
        terminal.type(second + "\r")
        return carol, terminal

    def test_a_new_password_is_typed_twice_and_never_shown(self):
        carol, terminal = self.types_passwords("a long sentence", "a long sentence")
        self.assertEqual(terminal.await_exit(), 0)
        self.assertNotIn("a long sentence", terminal.out.text())
        self.assertEqual(carol.ask("whoami", env={"QPQ_PASSWORD": "a long sentence"})["name"], "carol")

    def test_two_different_passwords_make_no_account(self):
        carol, terminal = self.types_passwords("a long sentence", "a lomg sentence")
        self.assertEqual(terminal.await_exit(), 2)
        terminal.await_text("the two passwords differ; no account was made")
        self.assertFalse(carol.profile.exists())
        carol.run("register-user", "carol", "--accept-new-server", env={"QPQ_PASSWORD": "a long sentence"})

    def test_a_new_name_is_registered_when_the_person_says_so(self):
        carol = self.stranger("carol", self.server())
        terminal = carol.terminal("repl", "--accept-new-server")
        terminal.await_text("Is carol a new name, to be registered? [y/N]")
        terminal.type("y\n")
        terminal.await_text("you are @carol")
        terminal.await_text("recovery key")
        terminal.type("/quit\r")
        self.assertEqual(terminal.await_exit(), 0)


if __name__ == "__main__":
    unittest.main()

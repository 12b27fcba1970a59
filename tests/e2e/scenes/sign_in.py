"""Passwords, names and accounts."""
import unittest

from world import Scene


class SignIn(Scene):
    def test_a_second_device_signs_in_to_the_account(self):
        server = self.server()
        alice = self.person("alice", server)
        laptop = self.stranger("alice", server, folder="alice's laptop")
        laptop.run("login", "alice", "--accept-new-server")
        first, second = alice.ask("whoami"), laptop.ask("whoami")
        self.assertEqual(first["account"], second["account"])
        self.assertNotEqual(first["device"], second["device"])
        self.assertEqual(second["devices"], 2)

    def test_a_wrong_password_is_refused_and_leaves_no_profile(self):
        server = self.server()
        self.person("alice", server)
        thief = self.stranger("alice", server, password="password1", folder="thief")
        self.assertEqual(thief.refused(4, "login", "alice", "--accept-new-server")["code"], "wrong-password")
        self.assertFalse(thief.profile.exists())

    def test_an_unknown_user_cannot_be_told_from_a_wrong_password(self):
        server = self.server()
        self.person("alice", server)
        answers = []
        for name in ("alice", "nobody"):
            thief = self.stranger(name, server, password="password1", folder=f"thief of {name}")
            refused = thief.run("login", name, "--accept-new-server", code=4)
            answers.append((refused.out, refused.err))
        self.assertEqual(answers[0], answers[1])

    def test_guessing_on_and_on_is_slowed_down(self):
        server = self.server()
        self.person("alice", server)
        thief = self.stranger("alice", server, password="password1", folder="thief")
        codes = [thief.run("login", "alice", "--accept-new-server", code=None).code for _ in range(13)]
        self.assertEqual(codes[:10], [4] * 10)
        self.assertEqual(codes[-1], 7)

    def test_a_profile_opens_with_its_password_only(self):
        server = self.server()
        alice = self.person("alice", server)
        wrong = alice.refused(4, "whoami", env={"QPQ_PASSWORD": "wrong"})
        self.assertEqual(wrong["code"], "wrong-passphrase")
        alice.run("whoami")

    def test_a_name_is_given_once(self):
        server = self.server()
        self.person("alice", server)
        other = self.stranger("alice", server, password="another", folder="another alice")
        self.assertEqual(other.refused(2, "register-user", "alice", "--accept-new-server")["code"], "name-taken")

    def test_login_never_registers(self):
        dave = self.stranger("dave", self.server())
        self.assertEqual(dave.refused(4, "login", "dave", "--accept-new-server")["code"], "wrong-password")
        dave.run("register-user", "dave", "--accept-new-server")

    def test_the_repl_registers_without_a_terminal_only_when_told_to(self):
        dave = self.stranger("dave", self.server())
        refused = dave.run("repl", "--accept-new-server", given="", code=4)
        self.assertIn("--register", refused.err)
        dave.run("repl", "--register", "--accept-new-server", given="/whoami\n")
        self.assertEqual(dave.ask("whoami")["name"], "dave")

    def test_names_have_an_end(self):
        server = self.server()
        self.person("a" * 64, server)
        for name in ("a" * 65, "a" * 5000, "", "a b", "../a", "\x1b[31mred", "café"):
            with self.subTest(name=name[:70]):
                stranger = self.stranger("stranger", server)
                refused = stranger.run("register-user", name, "--profile", str(stranger.profile), "--accept-new-server",
                                       code=2, env={"QPQ_USERNAME": ""})
                self.assertNotIn("\x1b", refused.err)
        alice = self.person("alice", server)
        self.assertEqual(alice.refused(2, "create-group", "t" * 257)["code"], "bad-input")
        alice.run("create-group", "t" * 256)

    def test_passwords_come_from_a_file_or_a_descriptor_and_not_gladly_from_the_command_line(self):
        alice = self.person("alice", self.server())
        without = {"QPQ_PASSWORD": ""}
        del alice.env["QPQ_PASSWORD"]
        secret = alice.home / "secret"
        secret.write_text("correct horse battery staple\n")
        alice.run("whoami", "--password-file", str(secret))
        alice.run("whoami", "--password-fd", "0", given="correct horse battery staple\n")
        warned = alice.run("whoami", "--password", "correct horse battery staple")
        self.assertIn("warning: a password on the command line", warned.err)
        self.assertIn("no terminal to ask on", alice.run("whoami", code=2).err)
        self.assertEqual(alice.run("whoami", code=None, env=without).code, 2, "an empty password is none")

    def test_a_password_is_typed_without_being_shown(self):
        alice = self.person("alice", self.server())
        del alice.env["QPQ_PASSWORD"]
        terminal = alice.terminal("whoami")
        terminal.await_text("password of alice:")
        terminal.type("correct horse battery staple\n")
        terminal.await_text("@alice on 127.0.0.1")
        self.assertEqual(terminal.await_exit(), 0)
        self.assertNotIn("horse", "\n".join(terminal.everything()))
        self.assertTrue(terminal.mode_is_restored())


if __name__ == "__main__":
    unittest.main()

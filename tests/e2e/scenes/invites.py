"""A server that lets in whom its operator invites."""
import json
import subprocess
import unittest

from world import QPQ_SERVER, Scene, environment


class Invites(Scene):
    def setUp(self):
        super().setUp()
        config = self.folder / "server.toml"
        config.write_text('registration = "invite"\nallow_insecure_auth = true\n')
        self.place = self.server(flags=("--config", config))

    def operator(self, *words, code=0):
        done = subprocess.run([QPQ_SERVER, *words, "--data-dir", self.place.data], env=environment(self.folder),
                              cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def invite(self, *words):
        return self.operator("invite", *words).splitlines()[0]

    def left(self):
        return {invite["prefix"]: (invite["left"], invite["state"])
                for invite in json.loads(self.operator("invites", "--json"))}

    def comes(self, name, invite=None, code=0, folder=None):
        """Somebody registers, with the code in the environment. What it says if it must fail."""
        person = self.stranger(name, self.place, folder=folder)
        if invite is not None:
            person.env["QPQ_INVITE"] = invite
        ended = person.run("register-user", name, "--accept-new-server", "--json", code=code)
        return person if code == 0 else ended.value["error"]

    def test_a_code_lets_one_person_in(self):
        code = self.invite()
        self.assertEqual(self.left(), {code[:5]: (1, "good")})
        alice = self.comes("alice", code)
        self.assertEqual(alice.ask("whoami")["name"], "alice")
        self.assertEqual(self.left(), {code[:5]: (0, "spent")})
        refused = self.comes("bob", code, code=4)
        self.assertEqual(refused["code"], "invite-spent")
        self.assertIn("another", refused["hint"])
        # The code is written nowhere: not in the store, not in a log, not in a profile.
        told = self.place.program.err.text() + self.operator("invites")
        self.assertNotIn(code[6:11], told)

    def test_each_refusal_says_what_to_do_and_leaves_no_profile(self):
        for invite, error, hint in ((None, "invite-needed", "--invite-file"), ("0" * 32, "invite-unknown", "operator"),
                                    ("0" * 31, "bad-input", "32 letters")):
            with self.subTest(error=error):
                refused = self.comes("alice", invite, code=2 if error == "bad-input" else 4, folder=error)
                self.assertEqual(refused["code"], error)
                self.assertIn(hint, refused["hint"])
                self.assertFalse((self.folder / error / "data/qpq/alice").exists())

    def test_a_code_may_be_for_many_and_may_be_taken_back(self):
        code = self.invite("--uses", "3", "--days", "2")
        self.comes("alice", code)
        self.comes("bob", code.lower().replace("-", " "))
        self.assertEqual(self.left(), {code[:5]: (1, "good")})
        self.place.stop()
        self.place.start()
        self.assertEqual(self.left(), {code[:5]: (1, "good")})
        self.assertIn("no more accounts", self.operator("invite", "--revoke", code[:5]))
        self.assertEqual(self.comes("carol", code, code=4)["code"], "invite-unknown")
        self.assertIn("there is no invite", self.operator("invite", "--revoke", code[:5], code=1))
        self.assertIn("first 5 letters", self.operator("invite", "--revoke", "u", code=2))
        self.operator("invite", "--uses", "0", code=2)

    def test_a_code_comes_from_a_file_or_is_typed(self):
        code = self.invite("--uses", "2")
        alice = self.stranger("alice", self.place)
        (alice.home / "code").write_text(code + "\n")
        alice.run("register-user", "alice", "--accept-new-server", "--invite-file", str(alice.home / "code"))
        bob = self.stranger("bob", self.place)
        terminal = bob.terminal("register-user", "bob", "--accept-new-server")
        terminal.await_text("invite code of this server's operator:")
        terminal.type(code + "\n")
        terminal.await_text("you are @bob")
        self.assertEqual(terminal.await_exit(), 0)
        self.assertNotIn(code[6:11], "\n".join(terminal.everything()))

    def test_without_a_running_server_no_code_is_made(self):
        self.place.stop()
        self.assertIn("no server answers", self.operator("invite", code=1))
        self.assertIn("no server answers", self.operator("invites", code=1))


if __name__ == "__main__":
    unittest.main()

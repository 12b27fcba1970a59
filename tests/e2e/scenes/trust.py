"""Which server one talks to: pinned, seen for the first time, changed."""
import unittest

from world import Scene


class Trust(Scene):
    def test_a_certificate_given_by_hand_is_enough(self):
        server = self.server()
        alice = self.stranger("alice", server)
        alice.run("register-user", "alice", "--ca-cert", str(server.certificate))
        self.assertEqual(alice.ask("health")["server-key"].replace(" ", ""), server.identity)

    def test_the_certificate_of_another_server_is_refused(self):
        server, other = self.server(), self.server("other server")
        alice = self.stranger("alice", server)
        refused = alice.refused(5, "register-user", "alice", "--ca-cert", str(other.certificate))
        self.assertEqual(refused["code"], "server-changed")
        self.assertFalse(alice.profile.exists())
        # --accept-new-server does not weaken it.
        alice.refused(5, "register-user", "alice", "--ca-cert", str(other.certificate), "--accept-new-server")

    def test_what_is_no_certificate_is_a_mistake_of_the_command_line(self):
        server = self.server()
        alice = self.stranger("alice", server)
        empty = alice.home / "empty.pem"
        empty.touch()
        for path in (empty, alice.home / "absent.pem", server.data / "db.key"):
            with self.subTest(path=path.name):
                alice.run("register-user", "alice", "--ca-cert", str(path), code=2)

    def test_an_unknown_server_is_refused_where_nobody_can_be_asked(self):
        server = self.server()
        alice = self.stranger("alice", server)
        refused = alice.refused(5, "register-user", "alice")
        self.assertEqual(refused["code"], "unknown-server")
        self.assertIn(server.identity, refused["message"].replace(" ", ""))
        self.assertIn("--accept-new-server", refused["hint"])
        # Nothing was registered: the name is still free.
        alice.run("register-user", "alice", "--accept-new-server")

    def test_a_person_is_asked_about_a_server_seen_for_the_first_time(self):
        server = self.server()
        alice = self.stranger("alice", server)
        for answer, code in (("n", 5), ("", 5), ("y", 0)):
            with self.subTest(answer=answer):
                terminal = alice.terminal("register-user", "alice")
                terminal.await_text("Trust it from now on? [y/N]")
                self.assertIn(server.identity, "".join(terminal.rows()).replace(" ", ""))
                terminal.type(answer + "\n")
                self.assertEqual(terminal.await_exit(), code)
        # It is not asked again.
        alice.run("health")

    def test_a_renewed_certificate_is_silent(self):
        server = self.server()
        alice = self.person("alice", server)
        before = server.certificate.read_bytes()
        server.stop()
        server.certificate.unlink()
        (server.data / "server-key.pem").unlink()
        server.start()
        self.assertNotEqual(server.certificate.read_bytes(), before)
        health = alice.run("health")
        self.assertEqual(health.err, "")

    def test_a_changed_identity_is_refused_loudly(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        server.stop()
        server.forget_everything()
        server.start()
        refused = alice.refused(5, "health")
        self.assertEqual(refused["code"], "server-changed")
        self.assertIn("another identity", refused["message"])
        # Saying yes to new servers is not saying yes to this one.
        alice.refused(5, "health", "--accept-new-server")
        # What is written meanwhile does not go to it, and its author is told why.
        sent = alice.run("send", "@bob", "for the real one", "--wait", "2", code=None)
        self.assertIn(sent.code, (5, 9))
        self.assertIn("identity", sent.out + sent.err)

    def test_a_changed_identity_is_shown_to_who_is_watching(self):
        server = self.server()
        alice = self.person("alice", server)
        terminal = alice.terminal("repl")
        terminal.await_text("you are @alice")
        server.stop()
        server.forget_everything()
        server.start()
        terminal.await_text("identity")


if __name__ == "__main__":
    unittest.main()

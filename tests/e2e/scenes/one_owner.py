"""A second qpq on an open profile attaches to the one that has it."""
import json
import os
import socket
import stat
import unittest

from world import Scene


class OneOwner(Scene):
    def test_commands_work_while_the_repl_is_open(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        repl = alice.talk()
        inside = repl.ask("/whoami")
        outside = alice.ask("whoami")
        self.assertEqual(inside["device"], outside["device"])
        alice.run("dm", "bob")
        alice.send("@bob", "from a script")
        repl.say("/switch @bob")
        repl.say("from the repl")
        self.assertEqual(repl.finish(), 0)
        self.assertEqual([text for _, text in bob.unread()], ["from a script", "from the repl"])

    def test_an_attached_command_needs_no_password(self):
        alice = self.person("alice", self.server())
        alice.talk()
        del alice.env["QPQ_PASSWORD"]
        alice.run("whoami")

    def test_two_open_at_once_see_the_same(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        first, second = alice.talk(), alice.talk()
        bob.run("dm", "alice")
        bob.send("@alice", "to both of you")
        for repl in (first, second):
            repl.await_message("to both of you")

    def test_only_its_owner_reaches_the_profile(self):
        alice = self.person("alice", self.server())
        alice.talk()
        self.assertEqual(stat.S_IMODE(os.stat(alice.profile).st_mode), 0o700)
        for name in os.listdir(alice.profile):
            with self.subTest(file=name):
                self.assertEqual(os.stat(alice.profile / name).st_mode & 0o077, 0)

    def test_an_owner_told_to_end_waits_for_who_is_attached(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        bob.run("dm", "alice")
        owner, attached = alice.talk(), alice.talk()
        owner.end_input()
        bob.send("@alice", "still reading?")
        attached.await_message("still reading?")
        self.assertEqual(attached.finish(), 0)
        self.assertEqual(owner.await_exit(), 0)

    def test_an_owner_that_dies_leaves_the_profile_to_the_next(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        owner, attached = alice.talk(), alice.talk()
        owner.kill()
        self.assertEqual(attached.await_exit(), 8)
        self.assertIn("went away", attached.err.text())
        alice.send("@bob", "all is well")
        self.assertEqual(bob.unread(), [("alice", "all is well")])

    def test_nobody_signs_in_over_an_open_profile(self):
        alice = self.person("alice", self.server())
        alice.talk()
        alice.refused(2, "register-user", "alice")
        alice.refused(2, "login", "alice")

    def test_a_socket_full_of_nonsense_hurts_nobody(self):
        alice = self.person("alice", self.server())
        repl = alice.talk()
        folder = os.open(alice.profile, os.O_PATH)
        self.addCleanup(os.close, folder)
        address = f"/proc/self/fd/{folder}/socket"  # a socket's address is short, the scene's folder is not
        for nonsense in (b"\n", b"hello\n", b"{}\n", b"[" * 100_000 + b"\n", b'{"method": 7}\n', b"\xff\xfe\x00\n",
                         b"x" * (5 << 20)):
            with self.subTest(nonsense=nonsense[:20]), socket.socket(socket.AF_UNIX) as line:
                line.settimeout(20)
                line.connect(address)
                try:
                    line.sendall(nonsense)
                    line.shutdown(socket.SHUT_WR)
                    answer = b"".join(iter(lambda: line.recv(65536), b""))
                except (BrokenPipeError, ConnectionResetError):
                    answer = b""
                if answer:
                    self.assertIn("error", json.loads(answer))
        self.assertEqual(repl.ask("/whoami")["name"], "alice")


if __name__ == "__main__":
    unittest.main()

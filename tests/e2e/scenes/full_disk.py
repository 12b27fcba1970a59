"""A full disk, under the server or under a profile, is said and loses nothing."""
import os
import sys
import unittest

from disk import Disk
from world import Scene, Server

MIB = 1 << 20
LONG = "x" * 50_000


class FullDisk(Scene):
    def setUp(self):
        super().setUp()
        self.disks = []

    def tearDown(self):
        for disk in self.disks:
            disk.detach()
        super().tearDown()

    def full_server(self):
        """A server whose disk is full, alice and bob talking there, and what alice has said that did not fit any more."""
        server = Server(self, "server")
        disk = Disk(self, server.data, "16m")
        server.start()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        hers = alice.talk()
        hers.say("/switch @bob")
        disk.fill(but=MIB)
        said = [f"{number} {LONG}" for number in range(40)]
        for text in said:
            hers.say(text)
        # More than once: by then the first of those that do not fit has been tried again, and nothing is under way.
        failed = "a flush failed and nothing of it is acknowledged"
        server.program.err.wait(lambda: server.program.err.text().count(failed) >= 3, failed)
        return server, disk, alice, bob, hers, said

    def say_until_queued(self, person, conversation):
        """Short messages, which may fit where a long one did not, until none does. All of them."""
        said, state = [], "delivered"
        while state == "delivered":
            said.append(f"short {len(said)}")
            state = person.ask("send", conversation, said[-1], "--wait", "2", code=None)["state"]
        self.assertEqual(state, "queued")
        return said

    def assert_all_arrived(self, alice, bob, said):
        """Everything, in order, once, the same on both sides."""
        self.assertEqual(bob.texts("@alice"), said)
        self.assertEqual([m["id"] for m in alice.history("@bob")], [m["id"] for m in bob.history("@alice")])

    def test_a_server_keeps_serving_and_takes_messages_again_when_there_is_room(self):
        server, disk, alice, bob, hers, said = self.full_server()
        delivered = len(hers.events("delivered"))
        self.assertGreater(delivered, 0)
        # What is there can be read, and nothing else is served worse.
        self.assertEqual([text for _, text in bob.unread()], said[:delivered])
        for command in ("ping", "health"):
            bob.ask(command)
        # What cannot be kept is not acknowledged: it waits with its author, who is told so.
        answers = self.say_until_queued(bob, "@alice")
        waiting = [m for m in alice.history("@bob") if m["from"] == "alice"][delivered:]
        self.assertEqual({m["state"] for m in waiting}, {"queued"})
        newcomer = self.stranger("newcomer", server)
        self.assertEqual(newcomer.refused(3, "register-user", "newcomer", "--accept-new-server")["code"], "server-unavailable")
        self.assertEqual(len(hers.events("delivered")), delivered)

        disk.free()
        bob.run("flush", "--wait", "30")
        hers.await_message(answers[-1])
        self.assertEqual(hers.finish(), 0)
        self.assertEqual(hers.received(), answers)
        bob.unread()
        self.assertEqual([text for text in bob.texts("@alice") if text not in answers], said)
        self.assert_all_arrived(alice, bob, bob.texts("@alice"))
        self.assertEqual({m["state"] for m in alice.history("@bob") if m["from"] == "alice"}, {"delivered"})
        newcomer.run("register-user", "newcomer", "--accept-new-server")
        self.assertIsNone(server.program.process.poll())

    def test_a_server_killed_with_its_disk_full_has_lost_nothing_it_acknowledged(self):
        server, disk, alice, bob, hers, said = self.full_server()
        delivered = {event["id"] for event in hers.events("delivered")}
        server.kill()
        disk.fill()
        server.start()  # without a byte left
        bob.unread()
        self.assertLessEqual(delivered, {message["id"] for message in bob.history("@alice")})
        disk.free()
        self.assertEqual(hers.finish(), 0)
        bob.unread()
        self.assert_all_arrived(alice, bob, said)

    def test_a_profile_says_so_and_loses_nothing(self):
        server = self.server()
        alice, bob = self.stranger("alice", server), self.person("bob", server)
        disk = Disk(self, alice.home / "data", "8m")
        alice.run("register-user", "alice", "--accept-new-server")
        alice.run("dm", "bob")
        alice.send("@bob", "before")
        self.assertEqual(bob.unread(), [("alice", "before")])
        hers, his = alice.talk(), bob.talk()
        hers.say("/switch @bob")
        his.say("/switch @alice")
        disk.fill()

        # Nothing is queued that could not be kept, from a running program and from one that has yet to open the profile.
        self.assert_no_room(hers.ask("never sent")["error"])
        answers = [f"{number} {LONG}" for number in range(12)]
        for text in answers:
            his.say(text)
        self.assertEqual(his.finish(), 0)
        self.assertEqual(hers.finish(), 8)
        self.assert_no_room(alice.refused(8, "send", "@bob", "never sent"))
        self.assertEqual(alice.texts("@bob"), ["before"])
        # What does not fit is left on the server, whole, and the reason is the answer.
        self.assert_no_room(alice.refused(8, "recv"))
        self.assertEqual(alice.texts("@bob"), ["before"])

        disk.free()
        rest = alice.ask("recv")
        self.assertTrue(rest["complete"])
        self.assertEqual([m["text"] for m in rest["messages"]], answers)
        alice.send("@bob", "after")
        self.assertEqual(bob.unread(), [("alice", "after")])
        self.assert_all_arrived(alice, bob, ["before", *answers, "after"])

    def test_a_file_that_does_not_fit_leaves_nothing(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        file = self.folder / "large"
        file.write_bytes(os.urandom(2 * MIB))
        alice.run("send-file", "@bob", file)
        bob.run("recv")
        inbox = self.folder / "inbox"
        disk = Disk(self, inbox, "4m")
        disk.fill(but=MIB)
        self.assert_no_room(bob.refused(8, "save-file", "@alice", "large", "--to", inbox))
        self.assertEqual(os.listdir(inbox), ["ballast"])
        disk.free()
        bob.run("save-file", "@alice", "large", "--to", inbox)
        self.assertEqual((inbox / "large").read_bytes(), file.read_bytes())

    def assert_no_room(self, error):
        self.assertEqual((error["exit"], error["code"]), (8, "disk-full"))
        self.assertIn("disk is full", error["message"])
        self.assertIn("room", error["hint"])


if __name__ == "__main__":
    if os.environ.get("QPQ_SCENE_MOUNTS") != "1":  # in a mount namespace of its own, whoever runs it
        os.environ["QPQ_SCENE_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv])
    unittest.main()

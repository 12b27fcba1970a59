"""A file cut off in the middle goes on where it was, or leaves nothing."""
import os
import re
import unittest
import urllib.request

from world import Scene, Server

MIB = 1 << 20
SIZE = 40 * MIB


class CutOff(Scene):
    def twins(self, *flags):
        server = Server(self, "server", flags=("--allow-insecure-auth", "--metrics-listen", "127.0.0.1:0", *flags))
        server.start()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        return server, alice, bob

    def file(self):
        path = self.folder / "large"
        path.write_bytes(bytes(range(256)) * (SIZE // 256))
        return path

    def bytes_up(self, server):
        told = server.program.await_line(r"http://127\.0\.0\.1:(\d+)/metrics", stream=server.program.err)
        with urllib.request.urlopen(f"http://127.0.0.1:{told[1]}/metrics", timeout=10) as page:
            return int(re.search(r'qpq_bulk_bytes_total\{way="in"\} (\d+)', page.read().decode())[1])

    def test_an_upload_killed_in_the_middle_goes_on_and_is_one_message(self):
        server, alice, bob = self.twins()
        path = self.file()
        his = bob.talk()
        hers = alice.talk()
        hers.say("/switch @bob")
        hers.say(f"/send-file {path}")
        hers.await_event("transfer", lambda event: event["done"] > 4 * MIB)
        hers.kill()
        hers.await_exit()
        arrived = self.bytes_up(server)
        self.assertLess(arrived, SIZE)
        self.assertEqual(alice.history("@bob"), [])
        # Until the server has noticed that she is gone, nobody may go on with her upload.
        sent = alice.ask("send-file", "@bob", path)
        self.assertEqual(sent["state"], "delivered")
        self.assertLess(self.bytes_up(server), SIZE * 1.13)
        his.await_event("message", lambda event: event["message"]["id"] == sent["id"])
        his.finish()
        self.assertEqual(len(his.events("message")), 1)
        self.assertEqual([m["id"] for m in bob.history("@alice")], [sent["id"]])
        bob.run("save-file", "@alice", "large", "--to", self.folder / "saved")
        self.assertEqual((self.folder / "saved").read_bytes(), path.read_bytes())

    def test_a_server_killed_in_the_middle_loses_nothing_that_was_said_to_be_sent(self):
        server, alice, bob = self.twins()
        path = self.file()
        hers = alice.talk()
        hers.say("/switch @bob")
        hers.say(f"/send-file {path}")
        hers.await_event("transfer", lambda event: event["done"] > 4 * MIB)
        server.kill()
        server.start()
        sent = hers.out.wait(lambda: [v for v in hers.values() if "file" in v and "event" not in v], "the answer", 120)
        server.kill()
        server.start()
        self.assertEqual(hers.finish(), 0)
        self.assertEqual([m["id"] for m in bob.ask("recv")["messages"]], [sent[0]["id"]])
        bob.run("save-file", "@alice", "large", "--to", self.folder / "saved")
        self.assertEqual((self.folder / "saved").read_bytes(), path.read_bytes())

    def test_a_saving_killed_in_the_middle_leaves_nothing(self):
        _, alice, bob = self.twins()
        path = self.file()
        alice.run("send-file", "@bob", path)
        bob.run("recv")
        inbox = self.folder / "inbox"
        inbox.mkdir()
        his = bob.talk()
        his.say("/switch @alice")
        his.say(f"/save-file large {inbox}")
        his.await_event("transfer", lambda event: event["way"] == "down" and event["done"] > 4 * MIB)
        his.kill()
        his.await_exit()
        self.assertEqual(os.listdir(inbox), [])
        bob.run("save-file", "@alice", "large", "--to", inbox)
        self.assertEqual((inbox / "large").read_bytes(), path.read_bytes())


if __name__ == "__main__":
    unittest.main()

"""What was sent is listed, and dropped at the server by whoever sent it."""
import time
import unittest

from file_scene import MIB, FileScene
from world import stopped


class OwnFiles(FileScene):
    def test_a_full_quota_is_emptied_by_dropping_what_was_sent(self):
        server, alice, bob = self.twins("--blob-quota-mib", "1")
        self.assertEqual(alice.ask("files"), {"files": [], "usage": {"files": 0, "bytes": 0, "limit": MIB}})
        notes, more = self.file("notes.txt", 600_000), self.file("more notes.txt", 600_000)
        sent = alice.ask("send-file", "@bob", notes)
        full = alice.refused(7, "send-file", "@bob", more)
        self.assertEqual(full["message"],
                         "the server keeps 1 MiB of files for you: 0.6 MiB are in use, and this one takes 0.6 MiB")
        self.assertIn("drop-file", full["hint"])
        listed = alice.ask("files")
        file, = listed["files"]
        self.assertEqual((file["id"], file["in"], file["state"], file["kept"], file["file"]),
                         (sent["id"], "@bob", "delivered", "held", {"name": "notes.txt", "size": 600_000}))
        self.assertEqual((listed["usage"]["files"], listed["usage"]["limit"]), (1, MIB))
        self.assertGreater(listed["usage"]["bytes"], 600_000)
        shown = alice.run("files").out.splitlines()
        self.assertRegex(shown[0], r"^[0-9a-f]{8}  20\d\d-\d\d-\d\d \d\d:\d\d  notes\.txt \(585\.9 KiB\) to @bob$")
        self.assertRegex(shown[1], r"^1 file, \d+\.\d KiB of 1\.0 MiB in use at the server; drop one with: drop-file FILE$")

        self.assertEqual(alice.run("drop-file", shown[0][:8]).out,
                         "dropped notes.txt (585.9 KiB); its message stays\n")
        self.assertEqual(self.at_server(server), [])
        self.assertEqual(alice.ask("files"), {"files": [], "usage": {"files": 0, "bytes": 0, "limit": MIB}})
        self.assertEqual([f["kept"] for f in alice.ask("files", "--all")["files"]], ["dropped"])
        self.assertRegex(alice.run("history", "@bob").out, r"\[file\] notes\.txt \(585\.9 KiB\), dropped\n")
        self.assertEqual(alice.run("drop-file", "notes.txt").out, "notes.txt (585.9 KiB) was gone already\n")

        alice.run("send-file", "@bob", more)
        self.assertEqual([m["file"]["name"] for m in bob.ask("recv")["messages"]], ["notes.txt", "more notes.txt"])
        gone = bob.refused(6, "save-file", "@alice", "notes.txt", "--to", self.folder / "saved")
        self.assertEqual(gone["code"], "file-gone")
        self.assertIn("until its sender drops it", gone["hint"])
        bob.run("save-file", "@alice", "more notes.txt", "--to", self.folder / "saved")
        self.assertEqual((self.folder / "saved").read_bytes(), more.read_bytes())

    def test_a_file_is_not_dropped_by_whom_it_was_sent_to_nor_without_a_server(self):
        server, alice, bob = self.twins()
        sent = alice.ask("send-file", "@bob", self.file("notes.txt", 100))
        bob.run("recv")
        self.assertEqual(bob.ask("files", "--all")["files"], [])
        self.assertEqual(bob.refused(6, "drop-file", sent["id"])["code"], "no-such-file")
        # One that stands still is waited for no longer than a person would wait.
        hers = alice.talk()
        with stopped(server.program):
            begun = time.monotonic()
            error = hers.ask("/drop-file notes.txt")["error"]
            self.assertEqual((error["code"], error["exit"]), ("offline", 3))
            self.assertLess(time.monotonic() - begun, 25)
        hers.kill()
        hers.await_exit()
        server.kill()
        error = alice.refused(3, "drop-file", "notes.txt")
        self.assertEqual(error["code"], "offline")
        self.assertIn("counts as not dropped", error["hint"])
        listed = alice.ask("files", "--wait", "1")
        self.assertEqual([f["kept"] for f in listed["files"]], ["held"])
        self.assertNotIn("usage", listed)
        self.assertIn("cannot be reached", listed["problem"])
        server.start()
        # The server that stood still may have done it when it went on.
        self.assertEqual(alice.ask("drop-file", "notes.txt")["kept"], "dropped")


if __name__ == "__main__":
    unittest.main()

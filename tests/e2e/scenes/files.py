"""Files are sent and saved, whole or not at all."""
import os
import re
import stat
import unittest

from file_scene import MIB, SECRET, FileScene
from world import group


class Files(FileScene):
    def left_in(self, folder):
        return sorted(os.listdir(folder))

    def test_what_is_saved_is_what_was_sent_and_the_server_sees_none_of_it(self):
        server, alice, bob = self.twins()
        inbox = self.folder / "inbox"
        inbox.mkdir()
        for name, size in (("empty", 0), ("notes.txt", 20_000), ("a photo of tea.jpg", 50_000_000 - MIB)):
            path = self.file(name, size)
            sent = alice.ask("send-file", "@bob", path)
            self.assertEqual((sent["state"], sent["file"]), ("delivered", {"name": name, "size": size}))
            message, = [m for m in bob.ask("recv")["messages"]]
            self.assertEqual((message["id"], message["file"]), (sent["id"], {"name": name, "size": size}))
            saved = bob.ask("save-file", "@alice", sent["id"][:12], "--to", inbox)
            self.assertEqual(saved["path"], str(inbox / name))
            self.assertEqual((inbox / name).read_bytes(), path.read_bytes())
            self.assertEqual(stat.S_IMODE((inbox / name).stat().st_mode), 0o600)
        shown = bob.run("history", "@alice").out
        self.assertRegex(shown, r"alice  \[file\] notes\.txt \(19\.5 KiB\), save-file [0-9a-f]{8}\n")
        self.assertRegex(shown, r"alice  \[file\] a photo of tea\.jpg \(46\.7 MiB\), save-file [0-9a-f]{8}\n")
        digits = re.search(r"notes\.txt .*save-file ([0-9a-f]+)", shown)[1]
        self.assertEqual(bob.run("save-file", "@alice", digits, "--to", inbox / "again").out,
                         f"saved as {inbox / 'again'}\n")
        self.assertEqual(len(self.at_server(server)), 3)
        for path in server.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(SECRET, path.read_bytes())

    def test_nothing_that_is_there_is_overwritten_unless_that_is_said(self):
        _, alice, bob = self.twins()
        alice.run("send-file", "@bob", self.file("notes.txt", 100))
        bob.run("recv")
        inbox = self.folder / "inbox"
        inbox.mkdir()
        there = inbox / "notes.txt"
        there.write_text("mine")
        for place in (inbox, there):
            error = bob.refused(2, "save-file", "@alice", "notes.txt", "--to", place)
            self.assertEqual((error["code"], there.read_text()), ("file-exists", "mine"))
        bob.run("save-file", "@alice", "notes.txt", "--to", inbox, "--force")
        self.assertEqual(there.stat().st_size, 100)
        for place in (self.folder / "nowhere" / "x", f"{self.folder}/nowhere/"):
            self.assertEqual(bob.refused(2, "save-file", "@alice", "notes.txt", "--to", place)["code"], "file-unusable")
        for name in ("other.txt", "0123456789"):
            self.assertEqual(bob.refused(6, "save-file", "@alice", name, "--to", inbox)["code"], "no-such-file")
        self.assertEqual(self.left_in(inbox), ["notes.txt"])

    def test_what_cannot_be_sent_is_said_and_sends_nothing(self):
        server, alice, bob = self.twins("--blob-quota-mib", "1")
        pipe, large = self.folder / "pipe", self.file("large", MIB + 1)
        os.mkfifo(pipe)
        unusable = [self.folder / "nothing", self.folder, pipe, "/dev/null"]
        if os.geteuid() != 0:  # before whom no file is closed
            closed = self.file("closed", 10)
            closed.chmod(0)
            unusable.append(closed)
        for path in unusable:
            self.assertEqual(alice.refused(2, "send-file", "@bob", path)["code"], "file-unusable", path)
        notes = self.file("notes.txt", 600_000)
        self.assertEqual(alice.refused(6, "send-file", "@carol", notes)["code"], "no-such-conversation")
        too_large = alice.refused(2, "send-file", "@bob", large)
        self.assertEqual((too_large["code"], too_large["message"]), ("too-large", "the server takes files of at most 1 MiB"))
        alice.run("send-file", "@bob", notes)
        full = alice.refused(7, "send-file", "@bob", self.file("more.txt", 600_000))
        self.assertEqual(full["code"], "server-refused")
        self.assertIn("keeps 1 MiB of files for you", full["message"])
        server.stop()
        self.assertEqual(alice.refused(3, "send-file", "@bob", self.file("late.txt", 10))["code"], "offline")
        server.start()
        self.assertEqual([m.get("file", {}).get("name") for m in bob.ask("recv")["messages"]], ["notes.txt"])

    def test_bytes_that_the_server_has_changed_are_not_saved(self):
        server, alice, bob = self.twins()
        alice.run("send-file", "@bob", self.file("notes.txt", 200_000))
        bob.run("recv")
        at_server, = self.at_server(server)
        data = bytearray(at_server.read_bytes())
        data[150_000] ^= 1
        at_server.write_bytes(data)
        inbox = self.folder / "inbox"
        inbox.mkdir()
        self.assertEqual(bob.refused(5, "save-file", "@alice", "notes.txt", "--to", inbox)["code"], "file-damaged")
        self.assertEqual(self.left_in(inbox), [])

    def test_a_file_whose_end_the_server_has_lost_is_said_to_be_cut_short(self):
        server, alice, bob = self.twins()
        alice.run("send-file", "@bob", self.file("notes.txt", 200_000))
        bob.run("recv")
        at_server, = self.at_server(server)
        os.truncate(at_server, 100_000)
        inbox = self.folder / "inbox"
        inbox.mkdir()
        error = bob.refused(5, "save-file", "@alice", "notes.txt", "--to", inbox)
        self.assertEqual(error["code"], "file-damaged")
        self.assertIn("ends this file before its end", error["message"])
        self.assertEqual(self.left_in(inbox), [])

    def test_a_group_gets_it_and_whoever_comes_later_does_not(self):
        server, alice, bob = self.twins()
        carol = self.person("carol", server)
        tea = group(alice, "tea", bob)
        sent = alice.ask("send-file", tea, self.file("recipe.txt", 5_000))
        alice.run("invite", tea, "carol")
        self.assertEqual(carol.ask("join")["title"], "tea")
        bob.run("recv")
        bob.run("save-file", tea, "recipe.txt", "--to", self.folder / "his")
        self.assertEqual((self.folder / "his").stat().st_size, 5_000)
        self.assertEqual(carol.refused(6, "save-file", tea, sent["id"][:8], "--to", self.folder)["code"], "no-such-file")

    def test_in_the_terminal_one_goes_on_writing_meanwhile(self):
        _, alice, bob = self.twins()
        (alice.home / "notes.txt").write_text("in alice's home")
        hers = alice.terminal("repl")
        hers.await_last_row("›")
        hers.type("/switch @bob\r")
        hers.await_last_row("@bob ›")
        hers.type("/send-file ~/notes.txt\r")
        hers.await_text("sent notes.txt (15 bytes)")
        hers.type(f"/send-file {self.file('large', 40 * MIB)}\r")
        hers.type("and a word")
        hers.await_last_row("@bob › and a word")
        hers.await_text("sent large (40.0 MiB)")
        hers.await_last_row("@bob › and a word")
        self.assertFalse(any("%" in row for row in hers.rows()))
        his = bob.terminal("repl")
        his.await_last_row("›")
        his.type("/switch @alice\r")
        his.await_text("[file] notes.txt (15 bytes), save-file ")
        his.type("/save-file notes.txt ~\r")
        his.await_text("saved as")
        his.type("/save-file notes.txt ~\r")
        his.await_text("is there already")
        his.type("/save-file --force notes.txt ~\r")
        his.out.wait(lambda: sum("saved as" in row for row in his.everything()) == 2, "the second saving")
        self.assertEqual((bob.home / "notes.txt").read_text(), "in alice's home")
        hers.type("\x03")  # the draft
        hers.await_last_row("@bob ›")
        hers.type("/files\r")
        hers.await_text("2 files, ")
        hers.type("/drop-file large\r")
        hers.await_text("dropped large (40.0 MiB); its message stays")
        hers.type("/files\r")
        hers.await_text("1 file, ")


if __name__ == "__main__":
    unittest.main()

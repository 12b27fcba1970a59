"""A change too large for a call reaches everyone."""
import re
import subprocess
import unittest

from world import QPQ_SERVER, Scene, environment, together


class LargeChanges(Scene):
    def devices_of(self, guest, server, count):
        """The guest with so many further devices, each with key packages at the server."""
        devices = [guest]
        for number in range(count):
            device = self.stranger(guest.name, server, folder=f"{guest.name} {number}")
            device.run("login", guest.name, "--accept-new-server")
            device.run("recv")
            devices.append(device)
        return devices

    def test_thirty_devices_are_added_by_one_commit_and_read_what_is_said_then(self):
        server = self.server()
        alice, *guests = self.people(server, "alice", "bob", "carol", "dave")
        devices = sum(together(*(lambda guest=guest: self.devices_of(guest, server, 9) for guest in guests)), [])
        alice.run("create-group", "tea")
        alice.run("invite", "#tea", *(guest.name for guest in guests))
        alice.send("#tea", "all of you")
        # What is larger than 64 KiB lies in a file by its hash, and is looked at and copied with the rest.
        files = [path for path in (server.data / "blobs").rglob("*") if re.fullmatch("[0-9a-f]{64}", path.name)]
        self.assertTrue(files)
        for path in files:
            self.assertGreater(path.stat().st_size, 64 * 1024)
        for words in (["verify"], ["backup", self.folder / "copy.db"]):
            done = subprocess.run([QPQ_SERVER, *words, "--data-dir", server.data], env=environment(self.folder),
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        copied = {path.name for path in (self.folder / "copy.db.blobs").rglob("*")}
        self.assertLessEqual({path.name for path in files}, copied)
        server.stop()
        server.start()
        for some in (devices[0:10], devices[10:20], devices[20:30]):
            for device in some:
                self.assertEqual(device.unread(), [("alice", "all of you")])
        self.assertEqual(devices[-1].members("#tea"), ["alice", "bob", "carol", "dave"])


if __name__ == "__main__":
    unittest.main()

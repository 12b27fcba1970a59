"""A server that should be given no work says so: its disk is full, or it is stopping."""
import contextlib
import http.client
import os
import signal
import sys
import time
import unittest

from disk import Disk
from world import Scene, Server, stopped


class NotReady(Scene):
    def setUp(self):
        super().setUp()
        self.disks = []

    def tearDown(self):
        for disk in self.disks:
            disk.detach()
        super().tearDown()

    def served(self, size=None):
        server = Server(self, "server", flags=("--allow-insecure-auth", "--metrics-listen", "127.0.0.1:0"))
        disk = Disk(self, server.data, size) if size else None
        server.start()
        told = server.program.await_line(r"http://127\.0\.0\.1:(\d+)/metrics", stream=server.program.err)
        self.port = int(told[1])
        return server, disk

    def ready(self):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def await_ready(self, *wanted):
        """Asks until the answer is this one: an answer stands for a second."""
        for _ in range(100):
            if (answer := self.ready()) == wanted:
                return
            time.sleep(0.1)
        self.fail(f"{wanted} did not come, but {answer}")

    def test_a_full_disk_and_one_that_has_room_again(self):
        server, disk = self.served("32m")
        self.assertEqual(self.ready(), (200, "ready\n"))
        disk.fill(but=1 << 20)
        self.await_ready(503, "the disk of the store is full\n")
        disk.free()
        self.await_ready(200, "ready\n")
        self.assertEqual(server.stop(), 0)

    def test_a_server_that_stops_while_somebody_does_not_listen(self):
        server, _ = self.served()
        alice = self.person("alice", server)
        hers = alice.talk()
        with stopped(hers):  # so that there is somebody to wait for
            server.program.kill(signal.SIGTERM)
            server.program.await_line("stopping", stream=server.program.err)
            self.assertEqual(self.ready(), (503, "stopping\n"))
            self.assertEqual(server.program.await_exit(), 0)


if __name__ == "__main__":
    if os.environ.get("QPQ_SCENE_MOUNTS") != "1":  # in a mount namespace of its own, whoever runs it
        os.environ["QPQ_SCENE_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv])
    unittest.main()

"""The server, its disk, its memory and the wire hold no plaintext."""
import base64
import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import unittest

from programs import Program, Waited
from world import Scene, environment, group

TEXT = "the canary sings at midnight"
TITLE = "society of quiet canaries"
PASSWORD = "a canary is no password 7731"


def disguises(text):
    """The text as it might stand somewhere without being readable at first sight."""
    raw = text.encode()
    forms = [raw, raw.hex().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), raw[::-1]]
    # Base64 of a text inside other bytes looks one of three ways; the edges depend on the neighbours.
    forms += [base64.b64encode(b"\0" * shift + raw)[4:-4] for shift in range(3)]
    return forms


def decrypted(database, key, copy):
    """The store as its owner could read it: SQLCipher's export into a plain file."""
    library = ctypes.CDLL("libsqlcipher.so.1")
    handle, problem = ctypes.c_void_p(), ctypes.c_char_p()
    assert library.sqlite3_open(os.fspath(database).encode(), ctypes.byref(handle)) == 0
    script = f"""PRAGMA key = "x'{key}'"; ATTACH '{copy}' AS plain KEY ''; SELECT sqlcipher_export('plain')"""
    code = library.sqlite3_exec(handle, script.encode(), None, None, ctypes.byref(problem))
    library.sqlite3_close(handle)
    assert code == 0, problem.value
    return copy.read_bytes()


def memory_of(pid):
    """Everything the process could write to, mapping by mapping."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            begin, end, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if not rights.startswith("rw"):
                continue
            # Some mappings cannot be read, and a sanitizer's are larger than any machine.
            if int(end, 16) - int(begin, 16) < 1 << 31:
                with contextlib.suppress(OSError, ValueError, OverflowError):
                    memory.seek(int(begin, 16))
                    yield memory.read(int(end, 16) - int(begin, 16))


class BlindServer(Scene):
    def conversation(self, server):
        """What a server must not learn is said once in each way there is."""
        alice, bob, carol = (self.person(name, server, PASSWORD) for name in ("alice", "bob", "carol"))
        alice.run("dm", "bob")
        alice.send("@bob", TEXT)
        team = group(alice, TITLE, bob, carol)
        bob.send(team, TEXT)
        alice.run("remove", team, "carol")
        self.assertEqual([text for _, text in alice.unread() + bob.unread()], [TEXT, TEXT])
        laptop = self.stranger("alice", server, PASSWORD, folder="alice's laptop")
        laptop.run("login", "alice", "--accept-new-server")

    def assert_nothing_in(self, place, data):
        for secret in (TEXT, TITLE, PASSWORD):
            for form in disguises(secret):
                if form in data:
                    self.fail(f"{secret!r} stands in {place}, as {form!r}")

    def test_its_store_and_its_words(self):
        server = self.server()
        self.conversation(server)
        server.stop()
        for folder, _, files in os.walk(server.data):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assert_nothing_in(name, file.read())
        self.assert_nothing_in("what it wrote", server.program.out.bytes() + server.program.err.bytes())
        # The same with the store's own key in hand. That names are found shows that this looks where things are.
        plain = decrypted(server.data / "qpq.db", (server.data / "db.key").read_text().strip(), self.folder / "plain.db")
        self.assertTrue(b"alice" in plain)
        self.assert_nothing_in("the decrypted store", plain)

    def test_its_memory(self):
        server = self.server()
        self.conversation(server)
        try:
            memory = list(memory_of(server.program.pid))
        except PermissionError:
            self.skipTest("this machine does not let us read another process's memory")
        self.assertTrue(any(os.fspath(server.data).encode() in part for part in memory), "memory that can be searched")
        for part in memory:
            self.assert_nothing_in("its memory", part)

    def test_the_wire(self):
        if not shutil.which("tcpdump"):
            self.skipTest("tcpdump is not installed")
        server = self.server()
        capture = self.folder / "loopback.pcap"
        words = [*"tcpdump -i lo -n -l --print -U --immediate-mode -s 0 -Z root".split(), "-w", capture,
                 f"udp port {server.port}"]
        tcpdump = self.start(Program, "tcpdump", words, environment(self.folder))
        try:
            tcpdump.await_line("listening on lo", stream=tcpdump.err)
        except Waited:
            self.skipTest("tcpdump may not capture here: " + tcpdump.err.text().strip())
        self.conversation(server)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            control.sendto(b"seen by the capture", ("127.0.0.1", server.port))
            tcpdump.await_line(rf"127\.0\.0\.1\.{control.getsockname()[1]} > ")
        tcpdump.kill(signal.SIGINT)
        tcpdump.await_exit()
        packets = capture.read_bytes()
        self.assertTrue(b"seen by the capture" in packets)
        self.assertGreater(len(packets), 50_000)
        self.assert_nothing_in("the capture", packets)
        for name in (b"alice", b"carol"):
            self.assertFalse(name in packets, f"{name} stands on the wire")


if __name__ == "__main__":
    unittest.main()

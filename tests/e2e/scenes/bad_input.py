"""Bad input at the UDP port and the keyboard, the server goes on serving others in bounded memory."""
import os
import random
import socket
import time
import unittest

from world import Scene

GROWTH_MAX = 64 << 20
INITIAL_MIN = 1200  # RFC 9000 §14.1


def long_header(version, destination, source, first=0xC3):
    """RFC 9000 §17.2, up to the connection ids."""
    ids = bytes([len(destination)]) + destination + bytes([len(source)]) + source
    return bytes([first]) + version.to_bytes(4, "big") + ids


class BadInput(Scene):
    def setUp(self):
        super().setUp()
        self.random = random.Random(20250405)
        self.target = self.server()
        self.alice, self.bob = self.people(self.target, "alice", "bob")
        self.alice.run("dm", "bob")
        self.hers, self.his = self.alice.talk(), self.bob.talk()
        self.hers.say("/switch @bob")

    def socket(self):
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.connect(("127.0.0.1", self.target.port))
        self.addCleanup(line.close)
        return line

    def real_initial(self):
        """The first datagram of a client of ours, caught by a server that is none."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trap:
            trap.bind(("127.0.0.1", 0))
            trap.settimeout(30)
            stranger = self.stranger("stranger", self.target)
            stranger.begin("health", "--accept-new-server", "--server", f"127.0.0.1:{trap.getsockname()[1]}")
            return trap.recv(65536)

    def assert_survives(self, datagrams, lines=8):
        """All of them go to the server while two people talk; they notice nothing and its memory stays."""
        before = self.target.resident_bytes()
        sockets = [self.socket() for _ in range(lines)]
        for number, datagram in enumerate(datagrams):
            try:
                sockets[number % lines].send(datagram)
            except ConnectionRefusedError:
                self.fail("the server is gone")
            if number % 1000 == 0:
                self.hers.say(f"message {number}")
                self.his.await_message(f"message {number}")
        self.hers.say("afterwards")
        self.his.await_message("afterwards")
        newcomer = self.person("newcomer", self.target)
        self.assertEqual(newcomer.ask("whoami")["name"], "newcomer")
        self.assertLess(self.target.resident_bytes() - before, GROWTH_MAX)
        self.assertIsNone(self.target.program.process.poll())
        self.assertEqual([line for line in self.target.program.err.lines() if "Sanitizer" in line], [])

    def test_random_bytes(self):
        self.assert_survives(self.random.randbytes(self.random.randint(0, 1500)) for _ in range(20_000))

    def test_headers_that_look_right_before_random_bytes(self):
        def datagrams():
            for _ in range(20_000):
                version = self.random.choice([1, 0, 0x6B3343CF, 0xFF00001D, self.random.getrandbits(32)])
                destination = self.random.randbytes(self.random.choice([0, 7, 8, 16, 20]))
                source = self.random.randbytes(self.random.choice([0, 8, 20]))
                header = long_header(version, destination, source, 0xC0 | self.random.getrandbits(6))
                token = self.random.choice([b"\x00", b"\x40\x40" + self.random.randbytes(64), b"\xff" * 8])
                body = self.random.randbytes(self.random.choice([0, 20, INITIAL_MIN]))
                yield header + token + (len(body) | 0x4000).to_bytes(2, "big") + body
        self.assert_survives(datagrams())

    def test_a_handshake_cut_short_at_every_byte(self):
        initial = self.real_initial()
        self.assertGreaterEqual(len(initial), INITIAL_MIN)
        self.assert_survives(initial[:length] for length in range(len(initial)))

    def test_a_handshake_with_flipped_bits(self):
        initial = self.real_initial()

        def datagrams():
            for _ in range(10_000):
                broken = bytearray(initial)
                for _ in range(self.random.choice([1, 1, 1, 3, 40])):
                    broken[self.random.randrange(len(broken))] ^= 1 << self.random.randrange(8)
                yield bytes(broken)
        self.assert_survives(datagrams())

    def test_one_handshake_repeated_from_many_ports_and_never_finished(self):
        initial = self.real_initial()

        # Every second one with a connection id of its own, under which it cannot be opened.
        def datagrams():
            for number in range(5_000):
                yield initial if number % 2 else initial[:6] + self.random.randbytes(8) + initial[14:]
        self.assert_survives(datagrams(), lines=200)

    def test_a_message_of_20_megabytes_is_refused_before_it_costs_anything(self):
        store = self.target.data / "qpq.db-wal"
        before = os.stat(store).st_size
        resident = self.target.resident_bytes()
        began = time.monotonic()
        answer = self.hers.ask("x" * (20 << 20))
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual((answer["error"]["code"], answer["error"]["exit"]), ("too-large", 2))
        self.hers.say("something shorter")
        self.his.await_message("something shorter")
        self.assertEqual(self.his.received(), ["something shorter"])
        self.assertLess(os.stat(store).st_size - before, 1 << 20)
        self.assertLess(self.target.resident_bytes() - resident, GROWTH_MAX)
        self.assertEqual(self.hers.finish(), 2)

    def test_the_longest_message_there_is_arrives_and_one_byte_more_does_not(self):
        longest = "é" * 30_000
        self.assertEqual(self.alice.refused(2, "send", "@bob", longest + "!")["code"], "too-large")
        self.alice.send("@bob", longest)
        self.his.await_message(longest)


if __name__ == "__main__":
    unittest.main()

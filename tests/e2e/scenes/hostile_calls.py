"""Calls made to exhaust the server cost it little and others nothing."""
import struct
import unittest

from raw_calls import (COMPOSITE, LIST_COUNT_MAX, PING, VOID, RawCaller, bootstrap, call, login_start, ping, to_list,
                       to_struct)
from world import Scene

GROWTH_MAX = 64 << 20
MESSAGE_WORDS_MAX = 128 * 1024  # of one message, as the server takes it


class HostileCalls(Scene):
    def setUp(self):
        super().setUp()
        self.target = self.server()
        self.alice, self.bob = self.people(self.target, "alice", "bob")
        self.alice.run("dm", "bob")
        self.hers, self.his = self.alice.talk(), self.bob.talk()
        self.hers.say("/switch @bob")
        self.hers.say("before")
        self.his.await_message("before")
        self.resident = self.target.resident_bytes()

    def say_raw(self, *messages):
        caller = RawCaller(self, self.target)
        caller.say(*messages)
        return caller

    def assert_served(self):
        """Two people notice nothing, a third can come, and the server has not grown."""
        self.hers.say("afterwards")
        self.his.await_message("afterwards", timeout=20)
        self.person("newcomer", self.target)
        self.assertLess(self.target.resident_bytes() - self.resident, GROWTH_MAX)
        self.assertIsNone(self.target.program.process.poll())

    def assert_cut_off(self, *messages):
        caller = self.say_raw(*messages)
        caller.await_exit()
        self.assertIn("CN=quicproquo server", caller.err.text(), "there was no connection to be cut off from")

    def test_a_call_of_the_same_making_without_malice_is_answered(self):
        self.say_raw(bootstrap(0), ping(1, b"canary")).await_bytes(b"canary")

    def test_messages_that_claim_to_be_huge(self):
        self.assert_cut_off(struct.pack("<II", 0, 0x7FFFFFFF))
        self.assert_cut_off(struct.pack("<I", 511) + struct.pack("<512I", *[MESSAGE_WORDS_MAX - 1] * 512))
        # As large as may be, and never sent.
        waiting = [self.say_raw(struct.pack("<II", 0, MESSAGE_WORDS_MAX - 1)) for _ in range(16)]
        self.assert_served()
        for caller in waiting:
            self.assertIsNone(caller.process.poll())

    def test_lists_of_half_a_billion_things_without_a_size(self):
        things = LIST_COUNT_MAX << 2  # the tag of a list of empty structs
        self.assert_cut_off(bootstrap(0), call(1, PING, 0, to_list(0, COMPOSITE, 0), things))
        self.assert_cut_off(bootstrap(0), call(1, PING, 0, to_list(0, VOID, LIST_COUNT_MAX)))
        self.assert_cut_off(bootstrap(0), call(1, PING, 0, 0, things, transform=to_list(2, COMPOSITE, 0)))
        self.assert_served()

    def test_a_structure_that_contains_itself(self):
        # The parameters' only pointer leads back to the struct it stands in.
        caller = self.say_raw(bootstrap(0), call(1, PING, to_struct(1, 0, 1), 0, to_struct(-1, 0, 1)), ping(2, b"canary"))
        caller.await_bytes(b"canary")
        self.assert_served()

    def test_questions_without_end(self):
        self.assert_cut_off(*(bootstrap(question) for question in range(2000)))
        self.assert_served()

    def test_names_of_any_length(self):
        for size in (65, 5_000, 900_000):
            caller = self.say_raw(bootstrap(0), login_start(1, b"a" * size), ping(2, b"canary"))
            caller.await_bytes(b"canary")
        name = "a" * 100_000
        self.assertEqual(self.alice.refused(2, "dm", name)["code"], "bad-input")
        self.assertEqual(self.alice.refused(2, "create-group", name)["code"], "bad-input")
        self.assertEqual(self.alice.refused(6, "send", f"@{name}", "hello?")["code"], "no-such-conversation")
        self.assert_served()


if __name__ == "__main__":
    unittest.main()

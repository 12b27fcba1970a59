"""Killed with -9 while messages flow: nothing acknowledged is lost, nothing is shown twice."""
import collections
import unittest

from world import Scene

MESSAGES = 150


class Killed(Scene):
    def twins(self, server):
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        return alice, bob

    def assert_all_arrived(self, alice, bob, expected, delivered, shown):
        """What was reported delivered, what each side keeps and what was shown, held against each other."""
        hers, his = alice.history("@bob"), bob.history("@alice")
        self.assertEqual([message["text"] for message in his], expected)
        self.assertEqual([message["id"] for message in hers], [message["id"] for message in his])
        self.assertEqual(set(delivered) - {message["id"] for message in his}, set(), "acknowledged, and lost")
        twice = [text for text, times in collections.Counter(shown).items() if times > 1]
        self.assertEqual(twice, [], "shown twice")

    def test_the_server(self):
        server = self.server()
        alice, bob = self.twins(server)
        hers, his = alice.talk(), bob.talk()
        hers.say("/switch @bob")
        expected = [f"message {number}" for number in range(MESSAGES)]
        third = MESSAGES // 3
        for part in range(3):
            for text in expected[part * third:(part + 1) * third]:
                hers.say(text)
            if part < 2:
                # In the middle of the flow: some of this part are delivered, some are not.
                hers.out.wait(lambda: len(hers.events("delivered")) > part * third + 5, "some deliveries")
                server.kill()
                server.start()
        his.await_message(expected[-1], timeout=120)
        self.assertEqual(hers.finish(), 0)
        delivered = [event["id"] for event in hers.events("delivered")]
        self.assertEqual(len(set(delivered)), len(delivered), "reported delivered twice")
        self.assertEqual(his.received(), expected)
        his.finish()
        self.assert_all_arrived(alice, bob, expected, delivered, his.received())

    def test_the_sender(self):
        alice, bob = self.twins(self.server())
        his = bob.talk()
        hers = alice.talk()
        hers.say("/switch @bob")
        for number in range(MESSAGES):
            hers.say(f"message {number}")
        hers.out.wait(lambda: len(hers.events("delivered")) > 5, "some deliveries")
        hers.kill()
        hers.await_exit()
        delivered = [event["id"] for event in hers.events("delivered")]
        alice.run("flush", "--wait", "60")
        # What was in the outbox when it died has been sent since; what was not yet, nobody had been promised.
        kept = alice.texts("@bob")
        self.assertEqual(kept, [f"message {number}" for number in range(len(kept))])
        self.assertGreaterEqual(len(kept), len(delivered))
        his.await_message(kept[-1])
        his.finish()
        self.assert_all_arrived(alice, bob, kept, delivered, his.received())

    def test_the_receiver(self):
        alice, bob = self.twins(self.server())
        expected = [f"message {number}" for number in range(MESSAGES)]
        hers = alice.talk()
        hers.say("/switch @bob")
        shown = []
        for part in (expected[:MESSAGES // 2], expected[MESSAGES // 2:]):
            his = bob.talk()
            for text in part:
                hers.say(text)
            his.out.wait(lambda: len(his.received()) > 5, "some messages")
            his.kill()
            his.await_exit()
            shown += his.received()
        self.assertEqual(hers.finish(), 0)
        delivered = [event["id"] for event in hers.events("delivered")]
        bob.unread()
        self.assert_all_arrived(alice, bob, expected, delivered, shown)


if __name__ == "__main__":
    unittest.main()

"""Over a line that loses every fifth datagram all messages arrive, once and in order."""
import unittest

from lossy_link import LossyLink
from world import Scene, together

LOSS = 0.2
MESSAGES = 20


class BadLine(Scene):
    def people_on(self, *names):
        """People whose conversation goes over a line that gets bad as soon as they have met."""
        server = self.server()
        line = LossyLink(server)
        self.addCleanup(line.close)
        people = self.people(line, *names)
        people[0].run("dm", people[1].name)
        people[1].ask("join")
        line.worsen(LOSS)
        return line, *people

    def test_two_people_talk(self):
        line, alice, bob = self.people_on("alice", "bob")
        hers, his = alice.talk(), bob.talk()
        hers.say("/switch @bob")
        his.say("/switch @alice")
        for number in range(MESSAGES):
            hers.say(f"alice {number}")
            his.say(f"bob {number}")
            his.await_message(f"alice {number}")
            hers.await_message(f"bob {number}")
        self.assertEqual(together(hers.finish, his.finish), [0, 0])
        self.assertEqual(his.received(), [f"alice {number}" for number in range(MESSAGES)])
        self.assertEqual(hers.received(), [f"bob {number}" for number in range(MESSAGES)])
        self.assertEqual(len(alice.texts("@bob")), 2 * MESSAGES)
        self.assertEqual([m["id"] for m in alice.history("@bob")], [m["id"] for m in bob.history("@alice")])
        for direction in (line.to_server, line.from_server):
            self.assertGreater(direction.lost, direction.passed * LOSS / 2, "the line was not as bad as it should be")
            self.assertGreater(direction.delayed, 0)

    def test_one_who_was_away_catches_up(self):
        line, alice, bob = self.people_on("alice", "bob")
        texts = [f"{number} " + "x" * 5_000 for number in range(MESSAGES)]
        alice.run("repl", given="/switch @bob\n" + "".join(text + "\n" for text in texts), code=None)
        alice.run("flush", "--wait", "60")
        received = bob.ask("recv", "--wait", "60")
        self.assertTrue(received["complete"])
        self.assertEqual([message["text"] for message in received["messages"]], texts)
        bob.ask("send", "@alice", "all of it", "--wait", "60")
        self.assertEqual([m["text"] for m in alice.ask("recv", "--wait", "60")["messages"]], ["all of it"])


if __name__ == "__main__":
    unittest.main()

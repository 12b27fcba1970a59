"""Two people talk."""
import unittest

from world import Scene, together


class TwoPeople(Scene):
    def test_a_message_arrives_and_an_answer_comes_back(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        alice.send("@bob", "Tea at four?")
        self.assertEqual(bob.unread(), [("alice", "Tea at four?")])
        bob.send("@alice", "Žluťoučký kůň, 日本語, 🐎: yes!")
        self.assertEqual(alice.unread(), [("bob", "Žluťoučký kůň, 日本語, 🐎: yes!")])
        self.assertEqual(alice.unread(), [], "what has been read is not new again")
        self.assertEqual(alice.texts("@bob"), bob.texts("@alice"))

    def test_a_message_is_pushed_to_someone_who_is_watching(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        watching = bob.talk()
        alice.run("dm", "bob")
        sent = alice.send("@bob", "are you there?")
        self.assertEqual(watching.await_event("joined")["by"], "alice")
        shown = watching.await_message("are you there?")
        self.assertEqual((shown["id"], shown["from"]), (sent, "alice"))

    def test_both_open_the_conversation_at_once_and_share_one(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        together(lambda: alice.run("dm", "bob"), lambda: bob.run("dm", "alice"))
        together(lambda: alice.send("@bob", "from alice"), lambda: bob.send("@alice", "from bob"))
        alice.unread(), bob.unread()
        self.assertEqual(alice.texts("@bob"), bob.texts("@alice"))
        self.assertEqual(sorted(alice.texts("@bob")), ["from alice", "from bob"])
        [hers], [his] = (person.ask("list")["conversations"] for person in (alice, bob))
        self.assertEqual(hers["conversation"], his["conversation"])

    def test_a_conversation_with_oneself_keeps_notes(self):
        alice = self.person("alice", self.server())
        self.assertEqual(alice.ask("dm", "alice")["kind"], "notes")
        alice.send("@alice", "buy milk")
        self.assertEqual(alice.texts("@alice"), ["buy milk"])

    def test_nobody_can_be_written_to_who_does_not_exist(self):
        alice = self.person("alice", self.server())
        self.assertEqual(alice.refused(6, "dm", "nobody")["code"], "no-such-user")
        self.assertEqual(alice.refused(6, "send", "@nobody", "hello?")["code"], "no-such-conversation")


if __name__ == "__main__":
    unittest.main()

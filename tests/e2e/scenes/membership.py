"""Who is removed reads nothing said afterwards, who leaves disturbs nobody."""
import unittest

from world import Scene, group, together


class Membership(Scene):
    def test_a_removed_member_reads_nothing_sent_afterwards(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        alice.send(team, "for all three")
        alice.run("remove", team, "carol")
        alice.send(team, "not for carol")
        bob.send(team, "nor this")
        self.assertEqual(carol.unread(), [("alice", "for all three")])
        self.assertEqual(carol.texts(team), ["for all three"])
        self.assertTrue(carol.ask("list")["conversations"][0]["ended"])
        self.assertEqual(carol.refused(6, "send", team, "let me in")["code"], "not-member")
        self.assertEqual(alice.unread(), [("bob", "nor this")])
        self.assertEqual(bob.members(team), ["alice", "bob"])

    def test_a_member_removed_while_watching_is_told_and_sees_no_more(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        watching, other = carol.talk(), bob.talk()
        alice.run("remove", team, "carol")
        self.assertEqual(watching.await_event("ended")["by"], "alice")
        alice.send(team, "not for carol")
        other.await_message("not for carol")
        self.assertEqual(other.events("members")[-1]["removed"], ["carol"])
        watching.finish()
        self.assertEqual(watching.received(), [])
        self.assertEqual(carol.texts(team), [])

    def test_who_comes_back_reads_what_is_said_from_then_on(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        alice.run("remove", team, "carol")
        alice.send(team, "while she was gone")
        alice.run("invite", team, "carol")
        alice.send(team, "welcome back")
        self.assertEqual(carol.unread(), [("alice", "welcome back")])
        carol.send(team, "thank you")
        self.assertEqual([text for _, text in bob.unread()], ["while she was gone", "welcome back", "thank you"])

    def test_one_leaves_while_another_writes(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        alice.talk(), carol.talk()  # those who stay are there to commit the leave
        together(lambda: bob.run("leave", team), lambda: carol.send(team, "at the same moment"))
        carol.send(team, "afterwards")
        alice.send(team, "between us")
        self.assertEqual(alice.texts(team), carol.texts(team))
        self.assertEqual(sorted(alice.texts(team)), ["afterwards", "at the same moment", "between us"])
        self.assertEqual(alice.members(team), ["alice", "carol"])
        self.assertEqual(carol.members(team), ["alice", "carol"])
        bob.unread()
        self.assertTrue(bob.ask("list")["conversations"][0]["ended"])
        self.assertNotIn("between us", bob.texts(team))
        self.assertEqual(bob.refused(6, "send", team, "am I still here?")["code"], "not-member")

    def test_one_is_removed_while_writing(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        _, last = together(lambda: alice.run("remove", team, "carol"),
                           lambda: carol.run("send", team, "my last word", "--wait", "3", code=None))
        alice.send(team, "we two")
        bob.unread()
        self.assertEqual(alice.texts(team), bob.texts(team))
        # It arrived for all or for none, and its author knows which.
        self.assertEqual("my last word" in alice.texts(team), last.code == 0)

    def test_only_who_may_remove_removes(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        self.assertEqual(bob.refused(2, "remove", team, "carol")["code"], "not-allowed")
        self.assertEqual(bob.refused(2, "remove", team, "alice")["code"], "not-allowed")
        self.assertEqual(alice.members(team), ["alice", "bob", "carol"])


if __name__ == "__main__":
    unittest.main()

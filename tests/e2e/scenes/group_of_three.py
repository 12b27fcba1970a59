"""Three people talk in a group."""
import unittest

from world import Scene, group, together


class GroupOfThree(Scene):
    def test_everyone_reads_what_anyone_writes(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        for person in (alice, bob, carol):
            person.send(team, f"{person.name} is here")
        self.assertEqual(alice.unread(), [("bob", "bob is here"), ("carol", "carol is here")])
        self.assertEqual(bob.unread(), [("alice", "alice is here"), ("carol", "carol is here")])
        self.assertEqual(carol.unread(), [("alice", "alice is here"), ("bob", "bob is here")])

    def test_all_see_the_same_members_and_who_owns_the_group(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        for person in (alice, bob, carol):
            members = {member["name"]: member["role"] for member in person.ask("members", team)["members"]}
            self.assertEqual(members, {"alice": "owner", "bob": "member", "carol": "member"})

    def test_all_see_one_order_even_when_everyone_writes_at_once(self):
        people = self.people(self.server(), "alice", "bob", "carol")
        team = group(people[0], "tea", *people[1:])
        talks = [person.talk() for person in people]
        for talk in talks:
            talk.say(f"/switch {team}")
        for number in range(10):
            for person, talk in zip(people, talks):
                talk.say(f"{person.name} {number}")
        self.assertEqual([talk.finish() for talk in talks], [0, 0, 0])
        together(*(person.unread for person in people))
        orders = [[message["id"] for message in person.history(team)] for person in people]
        self.assertEqual(orders[0], orders[1])
        self.assertEqual(orders[0], orders[2])
        self.assertEqual(len(set(orders[0])), 30)
        for person in people:
            own = [text for text in people[0].texts(team) if text.startswith(person.name)]
            self.assertEqual(own, [f"{person.name} {number}" for number in range(10)])

    def test_a_newcomer_reads_nothing_said_before(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob)
        alice.send(team, "before carol")
        alice.run("invite", team, "carol")
        alice.send(team, "with carol")
        self.assertEqual(carol.unread(), [("alice", "with carol")])
        self.assertEqual(carol.texts(team), ["with carol"])
        self.assertEqual(bob.unread(), [("alice", "before carol"), ("alice", "with carol")])

    def test_what_was_said_before_one_looked_is_still_unread_after_joining(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("create-group", "tea")
        alice.run("invite", "#tea", "bob")
        alice.send("#tea", "said before bob looked")
        self.assertEqual(bob.ask("join")["title"], "tea")
        self.assertEqual(bob.unread(), [("alice", "said before bob looked")])
        self.assertEqual(bob.unread(), [])

    def test_only_who_may_invite_invites(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob)
        self.assertEqual(bob.refused(2, "invite", team, "carol")["code"], "not-allowed")
        self.assertEqual(alice.members(team), ["alice", "bob"])
        self.assertEqual(carol.unread(), [])


if __name__ == "__main__":
    unittest.main()

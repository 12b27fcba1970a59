"""Someone is away and comes back."""
import unittest

from world import Scene, group, stopped


class Away(Scene):
    def test_one_who_was_away_reads_everything_in_order(self):
        alice, bob, carol = self.people(self.server(), "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        for number in range(5):
            alice.send(team, f"alice {number}")
            bob.send(team, f"bob {number}")
        expected = [(name, f"{name} {number}") for number in range(5) for name in ("alice", "bob")]
        self.assertEqual(carol.unread(), expected)
        self.assertEqual(carol.unread(), [])

    def test_changes_of_the_group_are_caught_up_with_as_well(self):
        alice, bob, carol, dave = self.people(self.server(), "alice", "bob", "carol", "dave")
        team = group(alice, "tea", bob, carol)
        alice.send(team, "one")
        alice.run("invite", team, "dave")
        alice.send(team, "two")
        alice.run("remove", team, "bob")
        alice.send(team, "three")
        self.assertEqual([text for _, text in carol.unread()], ["one", "two", "three"])
        self.assertEqual(carol.members(team), ["alice", "carol", "dave"])
        self.assertEqual([text for _, text in dave.unread()], ["two", "three"])

    def test_what_is_written_without_the_server_is_kept_and_sent_later(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        alice.send("@bob", "first")
        server.stop()
        self.assertEqual(alice.ask("send", "@bob", "second", "--wait", "1", code=9)["state"], "queued")
        self.assertEqual(alice.ask("send", "@bob", "third", "--wait", "1", code=9)["state"], "queued")
        self.assertEqual([m["state"] for m in alice.history("@bob")], ["delivered", "queued", "queued"])
        server.start()
        alice.run("flush", "--wait", "30")
        self.assertEqual([text for _, text in bob.unread()], ["first", "second", "third"])
        self.assertEqual([m["state"] for m in alice.history("@bob")], ["delivered"] * 3)

    def test_what_was_received_can_be_read_without_the_server(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        alice.send("@bob", "keep this")
        bob.unread()
        server.stop()
        self.assertEqual(bob.texts("@alice"), ["keep this"])
        received = bob.ask("recv", "--wait", "1")
        self.assertEqual((received["messages"], received["complete"]), ([], False))

    def test_a_server_that_says_nothing_is_as_one_that_is_away(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        with stopped(server.program):
            self.assertEqual(alice.ask("send", "@bob", "patience", "--wait", "1", code=9)["state"], "queued")
            self.assertEqual(alice.refused(3, "health")["code"], "offline")
        alice.run("flush", "--wait", "30")
        self.assertEqual(bob.unread(), [("alice", "patience")])


if __name__ == "__main__":
    unittest.main()

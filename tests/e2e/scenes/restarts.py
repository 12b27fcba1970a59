"""The server and everyone's programs stop and start again."""
import unittest

from world import Scene, group


class Restarts(Scene):
    def test_a_server_told_to_stop_ends_well_and_comes_back_with_everything(self):
        server = self.server()
        alice, bob, carol = self.people(server, "alice", "bob", "carol")
        team = group(alice, "tea", bob, carol)
        alice.run("dm", "bob")
        alice.send(team, "to all")
        alice.send("@bob", "to bob")
        identity = server.identity
        self.assertEqual(server.stop(), 0)
        server.start()
        self.assertEqual(server.identity, identity)
        self.assertEqual(carol.unread(), [("alice", "to all")])
        self.assertEqual(sorted(bob.unread()), [("alice", "to all"), ("alice", "to bob")])
        carol.send(team, "still here")
        self.assertEqual(alice.unread(), [("carol", "still here")])
        self.assertEqual(bob.unread(), [("carol", "still here")])

    def test_people_who_watch_come_back_by_themselves(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        hers, his = alice.talk(), bob.talk()
        hers.say("/switch @bob")
        hers.say("before")
        his.await_message("before")
        server.stop()
        hers.await_event("connection", lambda event: not event["online"])
        hers.say("meanwhile")
        server.start()
        his.await_message("meanwhile")
        hers.say("after")
        his.await_message("after")
        self.assertEqual(his.received(), ["before", "meanwhile", "after"])
        self.assertEqual([hers.finish(), his.finish()], [0, 0])

    def test_people_stop_in_the_middle_and_go_on_where_they_were(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        for round in range(3):
            hers = alice.talk()
            hers.say("/switch @bob")
            hers.say(f"round {round}")
            self.assertEqual(hers.finish(), 0)
            server.stop()
            server.start()
            his = bob.talk()
            his.say("/switch @alice")
            his.say(f"answer {round}")
            self.assertEqual(his.finish(), 0)
        alice.unread()
        expected = [f"{word} {round}" for round in range(3) for word in ("round", "answer")]
        self.assertEqual(alice.texts("@bob"), expected)
        self.assertEqual(bob.texts("@alice"), expected)


if __name__ == "__main__":
    unittest.main()

"""People on different loops of one server meet as on one."""
import pathlib
import unittest

from world import Scene, group

LOOPS = 4


class ManyLoops(Scene):
    def setUp(self):
        super().setUp()
        self.target = self.server(flags=("--allow-insecure-auth", "--loops", str(LOOPS)))

    def open_sockets(self):
        """Of the server's port: one a loop."""
        port = f":{self.target.port:04X} "
        return sum(port in line for line in pathlib.Path("/proc/net/udp").read_text().splitlines())

    def test_everyone_hears_everyone_at_once_whatever_loop_they_are_on(self):
        self.assertEqual(self.open_sockets(), LOOPS)
        names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace"]
        people = self.people(self.target, *names)
        team = group(people[0], "tea", *people[1:])
        talks = [person.talk() for person in people]
        for talk in talks:
            talk.say(f"/switch {team}")
        for person, talk in zip(people, talks):
            talk.say(f"{person.name} is here")
        for person, talk in zip(people, talks):
            for name in names:
                if name != person.name:
                    talk.await_message(f"{name} is here")
        self.assertEqual([talk.finish() for talk in talks], [0] * len(talks))

    def test_it_stops_when_asked_and_nothing_is_lost(self):
        alice, bob = self.people(self.target, "alice", "bob")
        alice.run("dm", "bob")
        hers = alice.talk()
        hers.say("/switch @bob")
        hers.say("before")
        self.assertEqual(bob.unread(), [("alice", "before")])
        self.assertEqual(self.target.stop(), 0)
        self.target.start()
        hers.say("after")
        self.assertEqual(hers.finish(), 0)
        self.assertEqual(bob.unread(), [("alice", "after")])


if __name__ == "__main__":
    unittest.main()

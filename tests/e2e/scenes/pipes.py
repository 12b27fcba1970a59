"""In scripts and pipes: lines in, lines out, exit codes that say what happened."""
import json
import signal
import unittest

from programs import Conversation, Program
from world import QPQ, Scene, group, stopped


class Pipes(Scene):
    def test_lines_are_sent_and_it_ends_when_all_of_them_are_with_the_server(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        lines = "/dm bob\n" + "".join(f"line {number}\n" for number in range(20)) + "the last, without an end"
        result = alice.run("repl", given=lines)
        self.assertNotIn("›", result.out, "no prompt where nobody types")
        server.kill()  # whatever it had not stored durably is gone
        server.start()
        self.assertEqual([text for _, text in bob.unread()],
                         [f"line {number}" for number in range(20)] + ["the last, without an end"])

    def test_it_says_so_when_the_server_could_not_be_reached_in_time(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        alice.send("@bob", "one")
        with stopped(server.program):
            result = alice.run("repl", given="/switch @bob\ntwo\n", code=None)
            self.assertIn(result.code, (3, 9))
        alice.run("flush", "--wait", "30")
        self.assertEqual([text for _, text in bob.unread()], ["one", "two"])

    def test_a_mistake_in_a_line_shows_in_the_exit_code_and_the_rest_is_done(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        result = alice.run("repl", given="/dm bob\n/no-such-command\nstill sent\n", code=2)
        self.assertIn("there is no command /no-such-command", result.out + result.err)
        self.assertEqual(bob.unread(), [("alice", "still sent")])

    def test_every_result_is_one_json_object_a_line(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        team = group(alice, "tea", bob)
        for arguments in (["whoami"], ["health"], ["ping"], ["list"], ["members", team], ["history", team], ["recv"],
                          ["dm", "alice"], ["send", team, "hi"], ["flush"], ["mark-read", team], ["leave", team]):
            with self.subTest(command=arguments[0]):
                result = bob.run(*arguments, "--json")
                self.assertEqual(len(result.out.splitlines()), 1)
                self.assertIsInstance(json.loads(result.out), dict)
                self.assertEqual(result.err, "")

    def test_every_refusal_is_one_json_object_with_its_exit_code(self):
        alice = self.person("alice", self.server())
        cases = ((6, ["dm", "nobody"]), (6, ["history", "@nobody"]), (2, ["create-group", ""]), (2, ["send"]))
        for code, arguments in cases:
            with self.subTest(arguments=arguments):
                error = alice.refused(code, *arguments)
                self.assertEqual(error["exit"], code)
                self.assertTrue(error["code"] and error["message"])

    def test_a_misspelt_command_is_met_with_the_right_one(self):
        alice = self.stranger("alice", self.server())
        self.assertIn("did you mean: qpq history", alice.run("histroy", "@bob", code=2).err)

    def test_help_and_version_need_nothing(self):
        alice = self.stranger("alice", self.server())
        self.assertIn("exit codes", alice.run("--help").out)
        self.assertIn("--wait", alice.run("send", "--help").out)
        self.assertRegex(alice.run("--version").out, r"^qpq \d+\.\d+\.\d+\n$")

    def test_following_shows_each_message_once_and_counts_it_as_read(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        alice.send("@bob", "waiting")
        following = bob.begin("recv", "--follow", "--json", kind=Conversation)
        following.await_line('"text":"waiting"')
        alice.send("@bob", "live")
        following.await_line('"text":"live"')
        self.assertEqual([value["text"] for value in following.values()], ["waiting", "live"])
        following.kill(signal.SIGINT)
        self.assertIn(following.await_exit(), (130, -signal.SIGINT))
        self.assertEqual(bob.unread(), [])

    def test_it_ends_quietly_when_nobody_reads_any_more(self):
        alice, bob = self.people(self.server(), "alice", "bob")
        alice.run("dm", "bob")
        alice.send("@bob", "for head")
        pipeline = '"$0" recv --follow --json | head -n 1; echo "ended ${PIPESTATUS[0]}"'
        shell = self.start(Program, "qpq recv --follow | head", ["bash", "-c", pipeline, QPQ], bob.env)
        shell.await_line('"text":"for head"')
        alice.send("@bob", "for nobody")
        ended = shell.await_line(r"^ended (\d+)$")
        self.assertIn(int(ended[1]), (0, 128 + signal.SIGPIPE))
        self.assertEqual(shell.err.text(), "")


if __name__ == "__main__":
    unittest.main()

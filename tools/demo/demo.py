#!/usr/bin/env python3
"""demo.py FOLDER: a conversation of three people through the programs in FOLDER, and then with you.

A qpq-server with fresh data on a free loopback port, and three people with real profiles. Without a terminal it ends
after the story. Nothing stays behind. Exit codes: 0 played, 1 something failed (and what), 2 usage, 130 interrupted.
"""
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from stage import Failed, Program, Screen

SECRET = "The cake is hidden in the blue cupboard."
ANSWERS = ["Good to hear from you, alice!", "I read every word, and the server not one.", "Tell me more.",
           "Carol will like that.", "Four o'clock suits me.", "You type faster than I do."]


class World:
    """The server, the people, and what has to be cleared away."""

    def __init__(self, binaries, folder, screen, cleanup):
        self.qpq, self.qpq_server = binaries / "qpq", binaries / "qpq-server"
        self.folder, self.screen, self.cleanup = folder, screen, cleanup
        self.programs = []
        self.server = None
        self.port = 0

    def start(self, name, words, env, heard=None):
        program = Program(name, [os.fspath(word) for word in words], env, heard)
        self.cleanup.callback(program.end)
        self.programs.append(program)
        return program

    def start_server(self):
        words = [self.qpq_server, "--listen", f"127.0.0.1:{self.port}", "--data-dir", self.folder / "server"]
        self.server = self.start("qpq-server", words, self.environment(self.folder))
        told, _ = self.server.await_line(r"listening on 127\.0\.0\.1:(\d+)")
        self.port = int(told[1])

    @staticmethod
    def environment(home, **more):
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "HOME": str(home),
                "TERM": os.environ.get("TERM", "dumb"), "XDG_DATA_HOME": str(home), **more}


class Person:
    """Someone whose qpq runs on pipes: what it writes is what their screen shows."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        home = world.folder / name
        home.mkdir()
        self.env = world.environment(home, QPQ_USERNAME=name, QPQ_PASSWORD=f"{name}'s own password",
                                     QPQ_SERVER=f"127.0.0.1:{world.port}")
        self.program = None

    def register(self):
        world = self.world
        world.screen.step(f"{self.name} makes an account")
        world.start(f"{self.name}: qpq register-user", [world.qpq, "register-user", self.name, "--ca-cert",
                                                        world.folder / "server/server-cert.pem"], self.env).finish()
        world.screen.done()

    def opens_qpq(self, *flags, heard=None):
        self.program = self.world.start(f"{self.name}: qpq repl", [self.world.qpq, "repl", *flags], self.env, heard)

    def closes_qpq(self):
        self.program.finish()
        self.program = None

    def types(self, *lines):
        for line in lines:
            self.world.screen.types(self.name, line)
            self.program.write(line)

    def sees(self, text):
        """Shows the spectator everything that came up to a line with this text."""
        program = self.program
        _, number = program.await_line(text, program.shown)
        for line in program.lines[program.shown:number + 1]:
            self.world.screen.sees(self.name, line)
        program.shown = number + 1


def set_up(world):
    world.screen.title("quicproquo: three people talk, through the real programs")
    world.screen.step("a server starts, makes its keys and its encrypted store")
    world.start_server()
    world.screen.done()
    people = [Person(world, name) for name in ("alice", "bob", "carol")]
    for person in people:
        person.register()
    return people


def two_talk(alice, bob):
    alice.world.screen.title("1. Alice and bob")
    alice.opens_qpq()
    bob.opens_qpq()
    alice.types("/dm bob", "Hello bob! Can anyone else read this?")
    bob.sees("Can anyone else")
    bob.types("/switch @alice", "Nobody. Not the server either.")
    alice.sees("Not the server")


def three_talk(alice, bob, carol):
    alice.world.screen.title("2. A group of three")
    carol.opens_qpq()
    alice.types("/create-group tea", "/invite bob carol")
    bob.sees("added you")
    carol.sees("added you")
    alice.types("Tea at four?")
    bob.sees("Tea at four")
    carol.sees("Tea at four")
    carol.types("/switch #tea", "I bring the cake.")
    alice.sees("I bring the cake")
    bob.sees("I bring the cake")


def one_is_away(alice, bob, carol):
    screen = alice.world.screen
    screen.title("3. Carol is away, and catches up")
    carol.closes_qpq()
    screen.tell("carol closes her qpq")
    alice.types(SECRET)
    bob.sees("blue cupboard")
    bob.types("/switch #tea", "Then I know where I am at four.")
    alice.sees("where I am at four")
    screen.tell("carol opens her qpq again")
    carol.opens_qpq()
    carol.sees("where I am at four")


def server_restarts(alice, bob, carol):
    world = alice.world
    world.screen.title("4. The server restarts in the middle")
    world.screen.step("the server is told to stop, and ends")
    world.server.stop()
    world.screen.done()
    bob.sees("-- offline")
    bob.types("Is anybody there?")
    world.screen.tell("bob's message is kept in his outbox")
    world.screen.step("the server starts again, with everything it had stored")
    world.start_server()
    world.screen.done()
    alice.sees("Is anybody there")
    carol.sees("Is anybody there")
    alice.types("We are. Nothing was lost.")
    bob.sees("Nothing was lost")


def what_the_server_has(world):
    world.screen.title("5. What the server has")
    files = [path for path in (world.folder / "server").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    times = sum(path.read_bytes().count(SECRET.encode()) for path in files)
    if times:
        raise Failed("a message stands in the server's files in plain text")
    world.screen.tell(f"{len(files)} files, {size // 1024} KiB: sealed envelopes. The cupboard is in none of them.")


class AnsweringBob:
    """Bob's qpq with events as JSON, and someone friendly who answers every message where it was written."""

    def __init__(self, bob):
        self.bob = bob
        self.labels = {}    # conversation id → how bob's /switch names it
        self.waiting = []   # conversations to answer whose label is not known yet
        self.answers = itertools.cycle(ANSWERS)
        bob.opens_qpq("--json", heard=self._hear)

    def _hear(self, line):
        value = json.loads(line)
        for conversation in value.get("conversations", []):
            sign = "#" if conversation["kind"] == "group" else "@"
            self.labels[conversation["conversation"]] = sign + conversation["title"]
        if value.get("event") == "message" and value["message"]["state"] == "received":
            self.waiting.append(value["message"]["conversation"])
            if self.waiting[-1] not in self.labels:
                self.bob.program.write("/list")
        for conversation in [c for c in self.waiting if c in self.labels]:
            self.waiting.remove(conversation)
            self.bob.program.write(f"/switch {self.labels[conversation]}\n{next(self.answers)}")


def your_turn(alice, bob, carol):
    world = alice.world
    for person in (alice, bob, carol):
        person.closes_qpq()
    AnsweringBob(bob)
    world.screen.title("Your turn: you are alice, and bob answers")
    world.screen.tell("/switch @bob or /switch #tea, then write. /help lists the commands, /quit ends.")
    print(flush=True)
    subprocess.run([world.qpq, "repl"], env=alice.env, check=False)


def play(world):
    alice, bob, carol = people = set_up(world)
    two_talk(alice, bob)
    three_talk(*people)
    one_is_away(*people)
    server_restarts(*people)
    what_the_server_has(world)
    if sys.stdin.isatty() and sys.stdout.isatty():
        your_turn(*people)


def explain(failure, programs):
    print(f"\n\ndemo: {failure}", file=sys.stderr)
    for program in programs:
        if program.lines:
            print(f"--- the last lines of {program.name}", *program.lines[-12:], sep="\n", file=sys.stderr)


def main(words):
    if len(words) != 1 or not all(os.access(pathlib.Path(words[0]) / name, os.X_OK) for name in ("qpq", "qpq-server")):
        print(__doc__ + "\nFOLDER holds qpq and qpq-server.", file=sys.stderr)
        return 2
    binaries = pathlib.Path(words[0]).absolute()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    with contextlib.ExitStack() as cleanup:
        beside = binaries.parent if os.access(binaries.parent, os.W_OK) else None
        folder = pathlib.Path(tempfile.mkdtemp(prefix="demo-", dir=beside))
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        world = World(binaries, folder, Screen(sys.stdout), cleanup)
        try:
            play(world)
        except Failed as failure:
            explain(failure, world.programs)
            return 1
        except KeyboardInterrupt:
            print("\ninterrupted; clearing up", file=sys.stderr)
            return 130
    print("\nEverything has been cleared away.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

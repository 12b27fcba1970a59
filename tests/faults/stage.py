"""The stage of the fault runs: a real server under the load of many devices, and the count of what it promised.

By hand, inside ./dev shell:
    PYTHONPATH=tests/faults:tests/e2e QPQ_SERVER_BIN=build/dev/bin/qpq-server QPQ_FAULTS_BIN=build/dev/bin \
        python3 tests/faults/kinds/killed.py -v
"""
import collections
import contextlib
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import time
import unittest

from calls import BIN
from programs import PATIENCE_S, Program, guarded
from world import QPQ_SERVER, Result, Scene, Server, environment

LOAD = BIN / "faults-load"
READY_S_MAX = 1.0
# Everything else stays at zero, or the run has failed.
TALLY = collections.Counter(rounds=0, acknowledged=0, lost=0, twice=0, broken=0, undetected=0, skipped=0)
SEED = int(os.environ.get("QPQ_SEED") or random.randrange(1 << 32))


def rounds(short, share=1.0):
    """How often: `short` in a test, this share of what was asked for in a run of `./dev faults`, once at least."""
    asked = os.environ.get("QPQ_FAULT_ROUNDS")
    return short if asked is None else max(short, round(int(asked) * share))


def is_long():
    return "QPQ_FAULT_ROUNDS" in os.environ


class FaultyServer(Server):
    """A server that is killed often: what one of its lives said goes with it."""

    def __init__(self, scene, name="server", flags=(), **env):
        super().__init__(scene, name, ("--allow-insecure-auth", "--metrics-listen", "127.0.0.1:0", *flags), **env)

    def start(self):
        super().start()
        told = self.program.await_line(r"http://127\.0\.0\.1:(\d+)/metrics", stream=self.program.err)
        self.metrics_port = int(told[1])

    def kill(self):
        super().kill()
        self.forget_program()

    def stop(self):
        code = super().stop()
        self.forget_program()
        return code

    def forget_program(self):
        self.program.end()
        self.scene.started.remove(self.program)

    def told(self, text):
        return text in self.program.err.text()

    def await_told(self, text):
        self.program.err.wait(lambda: self.told(text), text)

    def ready(self):
        """What /readyz says."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=30)) as connection:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return answer.status, answer.read().decode().strip()

    def await_ready(self, status):
        end = time.monotonic() + PATIENCE_S
        while (answer := self.ready())[0] != status:
            self.scene.assertLess(time.monotonic(), end, f"{status} did not come, but {answer}")
            time.sleep(0.05)
        return answer[1]

    def keep(self, folder):
        """Its files as they are, in another place."""
        shutil.copytree(self.data, folder, ignore=shutil.ignore_patterns("*.sock"))

    def put_back(self, folder):
        shutil.rmtree(self.data)
        shutil.copytree(folder, self.data)

    def command(self, *words):
        """A command of qpq-server beside this one, with the same configuration."""
        done = subprocess.run(guarded([QPQ_SERVER, *words, "--data-dir", self.data]), capture_output=True, text=True,
                              env=environment(self.scene.folder, **self.env), timeout=PATIENCE_S)
        return Result(done.returncode, done.stdout, done.stderr)


class Load(Program):
    """Many devices that append and read (load/talker.h), until they are told to settle."""

    def counts(self):
        lines = self.out.lines()
        return json.loads(lines[-1]) if lines else collections.Counter()

    def acknowledged(self):
        return self.counts()["acknowledged"]

    def await_more(self, receipts=1, timeout=None):
        """Until so many more appends have been acknowledged."""
        enough = self.acknowledged() + receipts
        self.out.wait(lambda: self.acknowledged() >= enough, f"{receipts} more receipts", timeout)


class Faults(Scene):
    """One kind of fault. What a run counts goes into TALLY, and every promise must have been kept."""
    seconds_max = max(1800, 10 * int(os.environ["QPQ_FAULT_ROUNDS"])) if is_long() else 150

    def setUp(self):
        super().setUp()
        self.disks = []
        self.random = random.Random(f"{SEED} {self.id()}")
        self.books = self.folder / "books"

    def tearDown(self):
        for disk in self.disks:
            disk.detach()
        super().tearDown()

    def seed(self, server, people=32, messages=0):
        """Fills the store of a server that has not started yet."""
        words = [LOAD, "seed", server.data, self.books, str(people), str(messages)]
        subprocess.run(guarded(words), check=True, timeout=600)

    def served(self, people=32, messages=0, **settings):
        server = FaultyServer(self, **settings)
        self.seed(server, people, messages)
        server.start()
        return server

    def talk(self, server, stay_ms_max=0):
        words = [LOAD, "talk", server.address, self.books, str(stay_ms_max)]
        load = self.start(Load, "load", words, environment(self.folder))
        load.await_more()
        return load

    def a_round(self):
        TALLY["rounds"] += 1

    def settle(self, load, server):
        """The load ends well, and everything it was ever promised is there."""
        load.kill(15)
        code = load.await_exit(120)
        self.keep_count(load.counts(), code, load.err.text())
        TALLY["acknowledged"] += load.acknowledged()
        self.look(server)

    def look(self, server):
        self.keep_count(*self.looked(server))

    def looked(self, server, books=None):
        """Counts, exit code and complaints of one who reads everything and compares it with the books."""
        done = subprocess.run(guarded([LOAD, "look", server.address, books or self.books]), capture_output=True, text=True,
                              timeout=600)
        lines = done.stdout.splitlines()
        return json.loads(lines[-1]) if lines else {}, done.returncode, done.stderr

    def keep_count(self, counts, code, complaints):
        for name in ("lost", "twice", "broken"):
            TALLY[name] += counts.get(name, 0)
        self.assertEqual(code, 0, f"{counts}\n{complaints[-3000:]}")

    def skip(self, why):
        TALLY["skipped"] += 1
        self.skipTest(why)


def line():
    """All that was counted, and whether every goal is met."""
    slowest = TALLY["ready_ms"] / 1000
    met = TALLY["lost"] == TALLY["twice"] == TALLY["broken"] == TALLY["undetected"] == 0 and slowest < READY_S_MAX
    text = "faults: {rounds} rounds, {acknowledged} acknowledged, {lost} lost, {twice} twice, {broken} broken, " \
           "{undetected} undetected".format(**TALLY)
    if slowest:
        text += f", ready {slowest:.2f} s"
    if TALLY["skipped"]:
        text += f", {TALLY['skipped']} kinds not run here"
    return text, met


def in_own_mounts():
    """What is mounted here is nobody else's, and gone with this program. Whoever is not root becomes it in here."""
    if os.environ.get("QPQ_SCENE_MOUNTS") == "1":
        return
    os.environ["QPQ_SCENE_MOUNTS"] = "1"
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    os.execvp("unshare", ["unshare", *user, "--mount", "--propagation", "private", sys.executable, *sys.argv])


def main():
    in_own_mounts()
    print(f"seed {SEED}", flush=True)
    program = unittest.main(module="__main__", exit=False)
    text, met = line()
    print(text)
    sys.exit(0 if program.result.wasSuccessful() and met else 1)

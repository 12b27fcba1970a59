"""The stage of the end-to-end scenes: real servers on loopback, people with real profiles, nothing left behind.

By hand, inside ./dev shell:
    PYTHONPATH=tests/e2e QPQ_BIN=build/dev/bin/qpq QPQ_SERVER_BIN=build/dev/bin/qpq-server \
        python3 tests/e2e/scenes/two_people.py -v
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import unittest
from dataclasses import dataclass

from programs import PATIENCE_S, Conversation, Program, Terminal, Waited, end_session, guarded

QPQ = pathlib.Path(os.environ.get("QPQ_BIN", "bin/qpq")).absolute()
QPQ_SERVER = pathlib.Path(os.environ.get("QPQ_SERVER_BIN", "bin/qpq-server")).absolute()
SCENE_SECONDS_MAX = 150
PASSWORD = "correct horse battery staple"


def environment(home, **more):
    """What programs of a scene see: nothing of the machine's owner but where programs lie and how sanitizers behave."""
    kept = {name: os.environ[name] for name in ("PATH", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
    # qpq forbids others to trace it, which the leak checker would have to do.
    asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0", "quarantine_size_mb=16"]))
    return {**kept, "ASAN_OPTIONS": asan, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "LANG": "C.UTF-8",
            "TZ": "UTC", "TERM": "xterm-256color", **more}


@dataclass
class Result:
    """How a command ended."""
    code: int
    out: str
    err: str

    @property
    def value(self):
        return json.loads(self.out)


class Scene(unittest.TestCase):
    """One test: its folder, and everything it starts. What fails leaves its folder for a look."""
    seconds_max = SCENE_SECONDS_MAX

    def setUp(self):
        self.folder = pathlib.Path.cwd() / "run" / self.id()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.started = []
        signal.signal(signal.SIGALRM, self._too_long)
        signal.alarm(self.seconds_max)

    def _too_long(self, *_):
        raise Waited(f"the scene did not end within {self.seconds_max} s")

    def tearDown(self):
        signal.alarm(0)
        result = self._outcome.result
        failed = any(test is self for test, _ in (*result.failures, *result.errors))
        if failed:
            print("\n".join(program.account() for program in self.started))
            print(f"kept: {self.folder}", flush=True)
        for program in reversed(self.started):
            program.end()
        if not failed:
            shutil.rmtree(self.folder)

    def start(self, kind, name, words, env, **more):
        program = kind(name, words, env, self.folder, **more)
        self.started.append(program)
        return program

    def server(self, name="server", **settings):
        server = Server(self, name, **settings)
        server.start()
        return server

    def person(self, name, server, password=PASSWORD):
        """A new person with an account at the server."""
        person = self.stranger(name, server, password)
        person.run("register-user", name, "--accept-new-server")
        return person

    def people(self, server, *names):
        return [self.person(name, server) for name in names]

    def stranger(self, name, server, password=PASSWORD, folder=None):
        """Someone without an account or a profile yet."""
        return Person(self, name, server, password, folder or name)


class Server:
    """A qpq-server on a free loopback port. It keeps data and port over restarts."""

    def __init__(self, scene, name, flags=("--allow-insecure-auth",), **env):
        self.scene, self.name, self.flags, self.env = scene, name, flags, env
        self.data = scene.folder / name
        self.port = 0
        self.identity = None
        self.program = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def certificate(self):
        return self.data / "server-cert.pem"

    def start(self):
        words = [QPQ_SERVER, "--listen", self.address, "--data-dir", self.data, *self.flags]
        self.program = self.scene.start(Program, self.name, words, environment(self.scene.folder, **self.env))
        told = self.program.await_line(r"listening on 127\.0\.0\.1:(\d+) identity ([0-9a-f]{64})$")
        self.port, self.identity = int(told[1]), told[2]

    def stop(self):
        """Asks it to stop, as systemd would. Its exit code."""
        self.program.kill(signal.SIGTERM)
        return self.program.await_exit()

    def kill(self):
        self.program.kill()
        self.program.await_exit()

    def forget_everything(self):
        shutil.rmtree(self.data)

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.program.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


class Person:
    """Someone at a keyboard: a home of their own, one profile, the real qpq."""

    def __init__(self, scene, name, server, password, folder):
        self.scene, self.name, self.server = scene, name, server
        self.home = scene.folder / folder
        self.home.mkdir(exist_ok=True)
        self.profile = self.home / "data/qpq" / name
        self.env = environment(self.home, QPQ_PASSWORD=password, QPQ_SERVER=server.address, QPQ_USERNAME=name,
                               QPQ_ALLOW_WEAK_KSF="1")

    def _words(self, arguments):
        return [QPQ, *arguments]

    # ---- one command

    def run(self, *arguments, code=0, given=None, env=None):
        """Runs qpq to its end, without a terminal. `code`: the exit code it must have; None: any."""
        process = subprocess.Popen(guarded(self._words(arguments)), env={**self.env, **(env or {})},
                                   cwd=self.scene.folder, start_new_session=True, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(given.encode() if isinstance(given, str) else given, PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise Waited(f"{self.name}: qpq {self._shown(arguments)} did not end within {PATIENCE_S} s") from None
        finally:
            if process.poll() is None:
                end_session(process)
                process.communicate()
        result = Result(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))
        if code is not None and result.code != code:
            self.scene.fail(f"{self.name}: qpq {self._shown(arguments)} ended with {result.code} instead of {code}\n"
                            f"{result.out[-1500:]}\n{result.err[-1500:]}")
        return result

    @staticmethod
    def _shown(arguments):
        return " ".join(repr(word[:60]) if isinstance(word, bytes) else os.fspath(word)[:60] for word in arguments)

    def ask(self, *arguments, **more):
        """The command's result as --json gives it."""
        return self.run(*arguments, "--json", **more).value

    def refused(self, code, *arguments, **more):
        """The error object of a command that must fail with this exit code."""
        return self.run(*arguments, "--json", code=code, **more).value["error"]

    # ---- talking

    def send(self, conversation, text):
        """Sends and sees that the server has it. The message's id."""
        sent = self.ask("send", conversation, text)
        self.scene.assertEqual(sent["state"], "delivered")
        return sent["id"]

    def unread(self):
        """(author, text) of what is new, and from now on read."""
        received = self.ask("recv")
        self.scene.assertTrue(received["complete"])
        return [(message["from"], message["text"]) for message in received["messages"]]

    def history(self, conversation, count=1000):
        return self.ask("history", conversation, "--count", str(count))["messages"]

    def texts(self, conversation):
        return [message["text"] for message in self.history(conversation)]

    def members(self, conversation):
        return sorted(member["name"] for member in self.ask("members", conversation)["members"])

    # ---- staying

    def talk(self, *arguments):
        """qpq repl on pipes, results and events as JSON; online and listening when this returns."""
        words = self._words(["repl", "--json", *arguments])
        conversation = self.scene.start(Conversation, f"{self.name}'s repl", words, self.env)
        conversation.out.wait(lambda: conversation.ask("/whoami")["online"], f"{self.name} online")
        return conversation

    def begin(self, *arguments, kind=Program):
        """Any qpq, left running."""
        return self.scene.start(kind, f"{self.name}: qpq {self._shown(arguments)}", self._words(arguments), self.env)

    def terminal(self, *arguments, **size):
        return self.scene.start(Terminal, f"{self.name}'s terminal", self._words(arguments), self.env, **size)


def group(owner, title, *guests):
    """The owner's new group; everyone has entered it when this returns. How commands name it."""
    owner.run("create-group", title)
    owner.run("invite", f"#{title}", *(guest.name for guest in guests))
    for guest in guests:
        owner.scene.assertEqual(guest.ask("join")["title"], title)
    return f"#{title}"


def together(*actions):
    """Starts all the actions at once and waits for them. Their results."""
    with concurrent.futures.ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(action) for action in actions]]


@contextlib.contextmanager
def stopped(program):
    """The program stands still meanwhile, as if the machine under it slept."""
    program.kill(signal.SIGSTOP)
    try:
        yield
    finally:
        program.kill(signal.SIGCONT)

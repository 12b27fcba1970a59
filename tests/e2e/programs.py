"""Programs under observation: what they write is read as it comes, every wait has an end, none outlives the scene."""
import contextlib
import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import termios
import threading
import time

import pyte

# Long enough for a busy machine and a sanitizer: it is only ever waited for in full when something is wrong.
PATIENCE_S = 60
COLUMNS, ROWS = 90, 30


class Waited(AssertionError):
    """Something that was awaited did not come; says what, and what came instead."""


class Stream:
    """Everything a program has written to one descriptor. A thread takes it in, so the program never waits for us."""

    def __init__(self, fd, feed=None):
        self._fd = fd
        self._feed = feed or (lambda data: None)
        self._bytes = bytearray()
        self._ended = False
        self.changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        data = b"more"
        while data:
            try:
                data = os.read(self._fd, 65536)
            except OSError:  # the other end of a terminal went away
                data = b""
            with self.changed:
                self._bytes += data
                self._feed(data)
                self._ended = not data
                self.changed.notify_all()

    def bytes(self):
        with self.changed:
            return bytes(self._bytes)

    def text(self):
        return self.bytes().decode(errors="replace")

    def lines(self):
        """Whole lines only; the last one may still be growing."""
        return self.text().split("\n")[:-1]

    def wait(self, found, what, timeout=None):
        """The first true value of found(), asked after every change. The thread's lock is held while it is asked."""
        end = time.monotonic() + (timeout or PATIENCE_S)
        with self.changed:
            while not (value := found()):
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    why = "its output ended" if self._ended else "it did not come in time"
                    raise Waited(f"waited for {what}, but {why}; there is:\n{self.text()[-3000:]}")
                self.changed.wait(left)
            return value

    def join(self, timeout=PATIENCE_S):
        self._thread.join(timeout)

    def close(self):
        self.join()
        os.close(self._fd)


def guarded(words):
    """The command in such a way that the kernel ends it if this scene is killed itself."""
    return ["setpriv", "--pdeathsig", "KILL", "--", *map(os.fspath, words)]


def end_session(process):
    """Ends the process and whatever it started; each of ours is the leader of a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Program:
    """A started program on pipes, without a controlling terminal."""

    def __init__(self, name, words, env, cwd):
        self.name = name
        self.process = subprocess.Popen(guarded(words), env=env, cwd=cwd, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.out = Stream(os.dup(self.process.stdout.fileno()))
        self.err = Stream(os.dup(self.process.stderr.fileno()))
        self.process.stdout.close()
        self.process.stderr.close()

    @property
    def pid(self):
        return self.process.pid

    def write(self, text):
        self.process.stdin.write(text if isinstance(text, bytes) else text.encode())
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def await_line(self, pattern, stream=None, since=0, timeout=None):
        """The match of the first line, from number `since` on, that the pattern is found in."""
        stream = stream or self.out

        def found():
            return next((hit for line in stream.lines()[since:] if (hit := re.search(pattern, line))), None)
        return stream.wait(found, f"a line /{pattern}/ of {self.name}", timeout)

    def await_exit(self, timeout=PATIENCE_S):
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Waited(f"{self.name} did not end") from None
        self.out.join()
        self.err.join()
        return code

    def kill(self, sig=signal.SIGKILL):
        self.process.send_signal(sig)

    def end(self):
        end_session(self.process)
        if not self.process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):  # what had not been written yet will not be
                self.process.stdin.close()
        self.out.close()
        self.err.close()

    def account(self):
        return f"--- {self.name}, output\n{self.out.text()[-2500:]}\n--- {self.name}, errors\n{self.err.text()[-2500:]}"


class Conversation(Program):
    """`qpq repl --json` on pipes: a line in is what a person types, a line out is a result or an event."""

    def values(self):
        return [json.loads(line) for line in self.out.lines()]

    def events(self, kind):
        return [value for value in self.values() if value.get("event") == kind]

    def received(self):
        """Texts of other people's messages, in the order they were shown."""
        return [e["message"]["text"] for e in self.events("message") if e["message"]["state"] == "received"]

    def say(self, line):
        self.write(line + "\n")

    def ask(self, line):
        """Types a command and takes its result or error."""
        def results():
            return [value for value in self.values() if "event" not in value]
        before = len(results())
        self.say(line)
        return self.out.wait(lambda: results()[before:], f"an answer to {line}")[0]

    def await_event(self, kind, accepts=lambda event: True, since=0, timeout=None):
        def found():
            return next((event for event in self.events(kind)[since:] if accepts(event)), None)
        return self.out.wait(found, f"an event {kind} of {self.name}", timeout)

    def await_message(self, text, timeout=None):
        return self.await_event("message", lambda event: event["message"]["text"] == text, timeout=timeout)["message"]

    def finish(self):
        """No more input: it sends what is left and ends. Its exit code."""
        self.end_input()
        return self.await_exit()


class Terminal:
    """A program on a terminal of its own, which is its controlling one, and what a person sees on it."""

    def __init__(self, name, words, env, cwd, columns=COLUMNS, rows=ROWS):
        self.name = name
        self.screen = pyte.HistoryScreen(columns, rows, history=5000)
        self.screen.write_process_input = lambda data: os.write(self.ours, data.encode())  # answers of a terminal
        display = pyte.ByteStream(self.screen)
        self.ours, self.theirs = os.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.mode_before = termios.tcgetattr(self.theirs)
        # `theirs` stays open here: the terminal outlives the program, and its mode can be looked at afterwards.
        self.process = subprocess.Popen(["setsid", "--ctty", *guarded(words)], env=env, cwd=cwd, stdin=self.theirs,
                                        stdout=self.theirs, stderr=self.theirs)
        self.out = Stream(os.dup(self.ours), display.feed)

    @property
    def pid(self):
        return self.process.pid

    def type(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            data = data[os.write(self.ours, data[:4096]):]

    def rows(self):
        """What stands on the screen, without the empty rows below."""
        with self.out.changed:
            rows = [row.rstrip() for row in self.screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def everything(self):
        """The screen and what has scrolled away above it."""
        with self.out.changed:
            columns = range(self.screen.columns)
            above = ["".join(line[x].data for x in columns).rstrip() for line in self.screen.history.top]
            return above + self.rows()

    def await_text(self, text, timeout=None):
        return self.out.wait(lambda: any(text in row for row in self.everything()), f"{text!r} on {self.name}", timeout)

    def await_last_row(self, text, timeout=None):
        """The row of the prompt and the draft."""
        return self.out.wait(lambda: self.rows()[-1:] == [text], f"{text!r} as last row of {self.name}", timeout)

    def cursor(self):
        with self.out.changed:
            return self.screen.cursor.y, self.screen.cursor.x

    def resize(self, columns, rows):
        with self.out.changed:
            self.screen.resize(rows, columns)
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def mode_is_restored(self):
        return termios.tcgetattr(self.theirs) == self.mode_before

    def await_exit(self, timeout=PATIENCE_S):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Waited(f"{self.name} did not end; its screen:\n" + "\n".join(self.rows())) from None

    def kill(self, sig=signal.SIGKILL):
        self.process.send_signal(sig)

    def end(self):
        end_session(self.process)
        os.close(self.theirs)
        self.out.close()
        os.close(self.ours)

    def account(self):
        return f"--- {self.name}, screen\n" + "\n".join(self.rows())

"""The programs of the demo: started, listened to, and ended whatever happens."""
import contextlib
import os
import re
import signal
import subprocess
import threading
import time

PATIENCE_S = 90  # far more than anything takes; then the demo says what it was waiting for


class Failed(Exception):
    """The demo cannot go on; the text says why."""


class Program:
    """A program on pipes. A thread takes in what it writes, line by line, and hands each line to `heard`."""

    def __init__(self, name, words, env, heard=None):
        self.name = name
        self._heard = heard or (lambda line: None)
        self._ended = False
        self.lines = []
        self.shown = 0  # lines a spectator has seen
        self._changed = threading.Condition()
        # A session of its own: Ctrl-C is ours to handle.
        self.process = subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, bufsize=1, errors="replace",
                                        start_new_session=True)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
            self._heard(line)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def write(self, line):
        try:
            self.process.stdin.write(line + "\n")
        except BrokenPipeError:
            raise Failed(f"{self.name} ended unexpectedly") from None

    def await_line(self, pattern, since=0):
        """The match and the number of the first line, from number `since` on, that the pattern is found in."""
        end = time.monotonic() + PATIENCE_S
        with self._changed:
            while True:
                for number, line in enumerate(self.lines[since:], since):
                    if found := re.search(pattern, line):
                        return found, number
                left = end - time.monotonic()
                if left <= 0 or self._ended:
                    why = "it ended" if self._ended else f"nothing of the kind came in {PATIENCE_S} s"
                    raise Failed(f"{self.name} should have written “{pattern}”, but {why}")
                self._changed.wait(left)

    def finish(self):
        """No more input; waits until it has done what was left and ended."""
        self.process.stdin.close()
        self.await_exit()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.await_exit()

    def await_exit(self):
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {PATIENCE_S} s") from None
        self._thread.join()
        if code != 0:
            raise Failed(f"{self.name} ended with exit code {code}")

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        with contextlib.suppress(BrokenPipeError):  # what it has not read it will not read any more
            self.process.stdin.close()
        self._thread.join(5)


class Screen:
    """What the spectator of the demo sees."""

    COLOURS = {"alice": "35", "bob": "36", "carol": "33"}

    def __init__(self, out):
        self.out = out
        self.colourful = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def _painted(self, text, colour):
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colourful else text

    def _put(self, text):
        print(text, file=self.out, flush=True)

    def title(self, text):
        self._put("\n" + self._painted(text, "1"))

    def tell(self, text):
        self._put("  " + text)

    def step(self, text):
        """Begins a line whose end is told by done()."""
        print(f"  {text} … ", end="", file=self.out, flush=True)
        self._began = time.monotonic()

    def done(self):
        self._put(self._painted(f"{time.monotonic() - self._began:.1f} s", "2"))

    def types(self, name, text):
        self._put(f"  {self._name(name)} {self._painted('›', '2')} {text}")

    def sees(self, name, line):
        self._put(f"  {self._name(name)} {self._painted('│', '2')} {line}")

    def _name(self, name):
        return self._painted(f"{name:<5}", self.COLOURS[name])

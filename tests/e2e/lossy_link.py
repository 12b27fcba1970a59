"""A bad line between people and a server: a UDP relay that loses datagrams and lets others overtake each other."""
import heapq
import itertools
import random
import selectors
import socket
import threading
import time
from dataclasses import dataclass

DATAGRAM_MAX = 65536
DELAYED = 0.2  # of the datagrams that are not lost
DELAY_S_MAX = 0.02


@dataclass
class Direction:
    """What became of the datagrams that went one way."""
    passed: int = 0
    lost: int = 0
    delayed: int = 0  # of those that passed: others overtook them


class LossyLink:
    """Whoever sends to `address` talks to the server, each from a port of its own. Stops with close()."""

    def __init__(self, server, seed=1):
        self.server = "127.0.0.1", server.port
        self.worsen(0)
        self._random = random.Random(seed)
        self._selector = selectors.DefaultSelector()
        self._near = self._socket(("127.0.0.1", 0))
        self._far = {}  # by the person's own address
        self._waiting, self._number = [], itertools.count()
        self._rebind, self._rebound = threading.Event(), threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def worsen(self, loss):
        """From now on this share of the datagrams is lost; the count begins anew."""
        self.loss = loss
        self.to_server, self.from_server = Direction(), Direction()

    def rebind(self):
        """From now on everyone comes from another port, as behind a NAT that forgot them."""
        self._rebound.clear()
        self._rebind.set()
        self._rebound.wait()

    @property
    def address(self):
        return "127.0.0.1:%d" % self._near.getsockname()[1]

    def close(self):
        self._ended.set()
        self._thread.join()
        for opened in (self._near, *self._far.values()):
            opened.close()

    def _socket(self, address, data=None):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind(address)
        opened.setblocking(False)
        self._selector.register(opened, selectors.EVENT_READ, data)
        return opened

    def _relay(self):
        while not self._ended.is_set():
            for key, _ in self._selector.select(self._patience()):
                self._take(key.fileobj, key.data)
            if self._rebind.is_set():
                self._forget_all()
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, out, data, to = heapq.heappop(self._waiting)
                out.sendto(data, to)

    def _forget_all(self):
        """What was on its way through the old ports is gone with them."""
        self._waiting = [waiting for waiting in self._waiting if waiting[2] is self._near]
        heapq.heapify(self._waiting)
        for person, opened in self._far.items():
            self._selector.unregister(opened)
            opened.close()
            self._far[person] = self._socket(("127.0.0.1", 0), person)
        self._rebind.clear()
        self._rebound.set()

    def _patience(self):
        return min(0.2, max(0, self._waiting[0][0] - time.monotonic())) if self._waiting else 0.2

    def _take(self, arrived_at, person):
        try:
            data, sender = arrived_at.recvfrom(DATAGRAM_MAX)
        except OSError:  # an ICMP refusal of what was sent before
            return
        if person is not None:
            self._pass(self.from_server, self._near, data, person)
            return
        if sender not in self._far:
            self._far[sender] = self._socket(("127.0.0.1", 0), sender)
        self._pass(self.to_server, self._far[sender], data, self.server)

    def _pass(self, direction, out, data, to):
        if self._random.random() < self.loss:
            direction.lost += 1
            return
        direction.passed += 1
        delay = 0
        if self._random.random() < DELAYED:
            direction.delayed += 1
            delay = self._random.uniform(0, DELAY_S_MAX)
        heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._number), out, data, to))

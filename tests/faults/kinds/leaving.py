"""Clients that leave in the middle of whatever they do neither end a server nor lose anything."""
import time

from stage import Faults, is_long, main

STAY_MS_MAX = 1_000
BUSY_S = 8 if is_long() else 3  # longer, and the server's bound on handshakes of one address is met


class Leaving(Faults):
    def test_all_the_time(self):
        server = self.served()
        load = self.talk(server, STAY_MS_MAX)
        end = time.monotonic() + BUSY_S
        while time.monotonic() < end:
            load.await_more()
            time.sleep(0.5)
            self.assertIsNone(server.program.process.poll(), "the server has ended")
            self.a_round()
        self.settle(load, server)


if __name__ == "__main__":
    main()

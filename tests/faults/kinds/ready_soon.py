"""A server that was killed over a full store is ready again within a second."""
import time

from stage import READY_S_MAX, TALLY, Faults, is_long, main, rounds

STORED = 1_000_000 if is_long() else 20_000


class ReadySoon(Faults):
    def test_after_a_kill(self):
        server = self.served(messages=STORED)
        load = self.talk(server)
        for _ in range(rounds(2, 0.02)):
            load.await_more(200)
            server.kill()
            begun = time.monotonic()
            server.start()
            self.assertEqual(server.ready()[0], 200)
            took = time.monotonic() - begun
            TALLY["ready_ms"] = max(TALLY["ready_ms"], took * 1000)
            self.assertLess(took, READY_S_MAX)
            self.a_round()
        self.settle(load, server)


if __name__ == "__main__":
    main()

"""A server or its clients that stand still for a while, and go on, have lost nothing."""
import time

from stage import Faults, is_long, main, rounds
from world import stopped

STILL_S = 5 if is_long() else 1.5  # longer than clients of a run wait for an answer


class Stopped(Faults):
    def test_in_turn(self):
        server = self.served()
        load = self.talk(server)
        for _ in range(rounds(1, 0.02)):
            for program in (server.program, load):
                with stopped(program):
                    time.sleep(STILL_S)
                load.await_more(50)
                self.a_round()
        self.settle(load, server)


if __name__ == "__main__":
    main()

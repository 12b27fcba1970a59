"""Over a line that loses a third of everything, dies for a while and changes its ports, nothing is lost."""
import time

from lossy_link import LossyLink
from stage import Faults, is_long, main, rounds

LOSS = 0.3
DEAD_S = 60 if is_long() else 5
BACK_S = 10
PEOPLE = 8


class BadLine(Faults):
    def lined(self):
        server = self.served(people=PEOPLE)
        line = LossyLink(server, seed=self.random.randrange(1 << 32))
        self.addCleanup(line.close)
        return server, line

    def test_losses_and_a_dead_line(self):
        server, line = self.lined()
        load = self.talk(line)
        line.worsen(LOSS)
        load.await_more(200)
        self.assertGreater(line.to_server.lost, line.to_server.passed * LOSS / 2)
        for _ in range(rounds(1, 0.01)):
            line.worsen(1)
            time.sleep(DEAD_S)
            line.worsen(0)
            load.await_more(PEOPLE, timeout=BACK_S)
            self.a_round()
        self.settle(load, server)

    def test_a_nat_that_forgets(self):
        server, line = self.lined()
        load = self.talk(line)
        for _ in range(rounds(10, 0.33)):
            line.rebind()
            load.await_more(PEOPLE, timeout=BACK_S)
            self.a_round()
        self.settle(load, server)


if __name__ == "__main__":
    main()

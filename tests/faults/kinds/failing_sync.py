"""A disk that no longer keeps what it is given is told of, and nothing is acknowledged until it does."""
import time

from calls import FaultyCalls
from stage import Faults, main, rounds

FAILED = "a flush failed and nothing of it is acknowledged"


class FailingSync(Faults):
    def test_under_load(self):
        calls = FaultyCalls(self.folder)
        server = self.served(**calls.environment)
        load = self.talk(server)
        for number in range(rounds(2, 0.05)):
            load.await_more(50)
            told = server.program.err.text().count(FAILED)
            calls.fail_syncs(after=self.random.randrange(30))
            server.program.err.wait(lambda: server.program.err.text().count(FAILED) > told, FAILED)
            self.assert_nothing_is_acknowledged(load)
            self.assertEqual(server.await_ready(503), "the store takes no writes")
            if number % 2 == 0:  # else it goes on by itself
                server.kill()
                calls.heal_syncs()
                server.start()
            calls.heal_syncs()
            load.await_more(50)
            server.await_ready(200)
            self.a_round()
        self.assertGreater(calls.failed_syncs, 0)
        self.settle(load, server)

    def assert_nothing_is_acknowledged(self, load):
        """What was on its way comes, on a busy machine a little later; then there is silence."""
        for _ in range(5):
            before = load.acknowledged()
            time.sleep(1)
            if load.acknowledged() == before:
                return
        self.fail("acknowledged, and not durable")


if __name__ == "__main__":
    main()

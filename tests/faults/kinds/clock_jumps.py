"""A clock that jumps a year forth and back takes nothing away and stops nobody."""
from calls import FaultyCalls
from stage import Faults, main, rounds

YEAR_S = 365 * 24 * 3600
RECEIPTS = 500  # more than everyone's burst in the end, so that the rates must refill


class ClockJumps(Faults):
    def test_the_server_s_clock(self):
        calls = FaultyCalls(self.folder)
        server = self.served(people=4, **calls.environment)
        load = self.talk(server)
        for _ in range(rounds(1, 0.03)):
            for ahead in (YEAR_S, 0, -YEAR_S, 0):
                calls.set_clock_ahead(ahead)
                load.await_more(RECEIPTS // 4)
                self.a_round()
            calls.set_clock_ahead(YEAR_S)
            load.await_more(RECEIPTS)
            calls.set_clock_ahead(0)
            load.await_more(RECEIPTS // 4)
            # At its start a server looks for what has grown old.
            for ahead in (YEAR_S, 0):
                calls.set_clock_ahead(ahead)
                server.kill()
                server.start()
                load.await_more(RECEIPTS // 4)
                self.a_round()
        self.settle(load, server)


if __name__ == "__main__":
    main()

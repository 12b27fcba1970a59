"""A server killed under load, and clients killed, lose nothing that was acknowledged."""
import time

from stage import Faults, main, rounds

PAUSE_S_MAX = 0.5


class Killed(Faults):
    def test_the_server_at_random_instants(self):
        server = self.served()
        load = self.talk(server)
        for _ in range(rounds(8)):
            if self.random.random() < 0.7:  # else it may be killed before anybody is back
                load.await_more()
            time.sleep(self.random.uniform(0, PAUSE_S_MAX))
            server.kill()
            server.start()
            self.a_round()
        self.settle(load, server)

    def test_the_clients_at_random_instants(self):
        server = self.served()
        for _ in range(rounds(3, 0.1)):
            load = self.talk(server)
            time.sleep(self.random.uniform(0, PAUSE_S_MAX))
            load.kill()
            load.await_exit()
            self.a_round()
        self.settle(self.talk(server), server)

    def test_an_entry_that_is_lost_is_noticed(self):
        """Of this run itself: with the store of a while ago in its place, it must not say that all is well."""
        server = self.served(people=4)
        load = self.talk(server)
        server.kill()
        server.keep(self.folder / "before")
        server.start()
        load.await_more(50)
        load.kill()
        load.await_exit()
        server.kill()
        server.put_back(self.folder / "before")
        server.start()
        counts, code, _ = self.looked(server)
        self.assertEqual(code, 1)
        self.assertGreater(counts["lost"], 0)


if __name__ == "__main__":
    main()

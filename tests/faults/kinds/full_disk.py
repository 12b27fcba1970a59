"""A disk that fills up under load and has room again costs nothing that was acknowledged."""
from disk import Disk
from stage import Faults, FaultyServer, main, rounds

MIB = 1 << 20
FAILED = "a flush failed and nothing of it is acknowledged"


class FullDisk(Faults):
    def test_under_load(self):
        server = FaultyServer(self)
        disk = Disk(self, server.data, "200m")
        self.seed(server)
        server.start()
        load = self.talk(server)
        for number in range(rounds(2, 0.05)):
            load.await_more(50)
            told = server.program.err.text().count(FAILED)
            disk.fill(but=MIB)
            server.program.err.wait(lambda: server.program.err.text().count(FAILED) > told, FAILED)
            self.assertEqual(server.await_ready(503), "the disk of the store is full")
            if number % 2 == 0:  # else it goes on by itself
                server.kill()
                disk.fill()
                server.start()  # without a byte left
                self.look(server)
            disk.free()
            load.await_more(50)
            server.await_ready(200)
            self.a_round()
        self.settle(load, server)


if __name__ == "__main__":
    main()

"""A power cut under load costs nothing that was acknowledged."""
import time

from calls import FaultyCalls
from image import Image, why_not
from stage import Faults, FaultyServer, main, rounds


class PowerCut(Faults):
    def served_from_an_image(self):
        if why := why_not():
            self.skip(why)
        calls = FaultyCalls(self.folder)
        server = FaultyServer(self, **calls.environment)
        image = Image(self, server.data)
        self.seed(server)
        server.start()
        return server, image, calls

    def cut(self, server, image):
        server.kill()
        image.cut_power()
        server.start()
        self.a_round()

    def test_at_random_instants(self):
        server, image, _ = self.served_from_an_image()
        load = self.talk(server)
        for _ in range(rounds(3, 0.1)):
            load.await_more()
            time.sleep(self.random.uniform(0, 0.5))
            self.cut(server, image)
        self.settle(load, server)

    def test_after_syncs_have_failed(self):
        """What was acknowledged between two failures rests on a sync of its own."""
        server, image, calls = self.served_from_an_image()
        load = self.talk(server)
        for _ in range(rounds(1, 0.03)):
            calls.fail_syncs(after=self.random.randrange(30))
            time.sleep(0.5)
            calls.heal_syncs()
            load.await_more(20)
            calls.fail_syncs()
            time.sleep(0.2)
            self.cut(server, image)
            calls.heal_syncs()
            load.await_more(20)
        self.assertGreater(calls.failed_syncs, 0)
        self.settle(load, server)


if __name__ == "__main__":
    main()

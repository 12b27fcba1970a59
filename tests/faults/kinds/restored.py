"""A backup made under load brings back everything that was acknowledged before it."""
import shutil

from stage import Faults, FaultyServer, main, rounds


class Restored(Faults):
    def test_elsewhere(self):
        server = self.served()
        load = self.talk(server)
        for number in range(rounds(1, 0.02)):
            load.await_more(100)
            promised = (self.books / "ledger").read_bytes()
            backup = self.folder / f"backup-{number}.db"
            self.command_works(server, "backup", backup)
            self.drill(number, backup, self.books_of(number, promised), server)
            self.a_round()
        self.settle(load, server)

    def books_of(self, number, promised):
        """What was promised before the backup began, and all that was acknowledged: the backup may be that far."""
        books = self.folder / f"books-{number}"
        shutil.copytree(self.books, books)
        since = (books / "ledger").read_bytes()[len(promised):].splitlines(keepends=True)
        acknowledged = (line for line in since if line.startswith(b"acknowledged ") and line.endswith(b"\n"))
        (books / "ledger").write_bytes(promised + b"".join(acknowledged))
        return books

    def command_works(self, server, *words):
        done = server.command(*words)
        self.assertEqual(done.code, 0, done.out + done.err)
        return done

    def drill(self, number, backup, books, origin):
        """Another machine, with the backup and the key."""
        server = FaultyServer(self, f"restored-{number}")
        server.data.mkdir()
        shutil.copy(origin.data / "db.key", server.data)
        self.command_works(server, "restore", backup)
        self.assertIn("sound", self.command_works(server, "verify").out)
        server.start()
        self.assertEqual(server.identity, origin.identity)
        self.keep_count(*self.looked(server, books))
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    main()

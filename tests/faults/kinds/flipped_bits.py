"""A bit that has flipped in any file of a server is told by name, or nothing comes of it."""
from programs import Waited
from stage import TALLY, Faults, main, rounds

# The head of a log that was written with one transaction after the other: what lies behind may look like a torn end,
# which is nobody's fault to tell (src/sql/log_damage.h).
LOG_SHARE = 0.8
CONFIG = """# A comment.
listen = "127.0.0.1:7000"
registration = "closed"
loops = 2
log_format = "json"
metrics_listen = ""
"""


class FlippedBits(Faults):
    def setUp(self):
        super().setUp()
        self.server = self.served(people=4)
        load = self.talk(self.server)
        load.await_more(300)
        self.server.kill()
        load.kill()
        load.await_exit()
        self.whole = self.folder / "whole"
        self.server.keep(self.whole)

    def test_the_store(self):
        self.flip_in("qpq.db")

    def test_the_log_of_the_store(self):
        self.flip_in("qpq.db-wal", LOG_SHARE)

    def test_the_memory_shared_over_the_store(self):
        self.flip_in("qpq.db-shm")

    def test_the_key_of_the_store(self):
        self.flip_in("db.key")

    def test_the_certificate(self):
        self.flip_in("server-cert.pem")

    def test_the_key_of_the_certificate(self):
        self.flip_in("server-key.pem")

    def test_the_configuration(self):
        """It holds no more than it says: what is legal is shown by check-config, what is not is named with its line."""
        file = self.folder / "qpq-server.toml"
        for _ in range(rounds(5, 0.5)):
            text = bytearray(CONFIG.encode())
            where = self.flip(text)
            file.write_bytes(text)
            done = self.server.command("check-config", "--config", file)
            named = done.code == 0 or (done.code == 2 and (str(file) in done.err or "qpq-server: " in done.err))
            self.judge(named, f"configuration, {where}", done)

    def flip(self, data, share=1.0):
        """One bit; which."""
        byte, bit = self.random.randrange(int(len(data) * share)), self.random.randrange(8)
        data[byte] ^= 1 << bit
        return f"bit {bit} of byte {byte}"

    def judge(self, is_right, where, told):
        self.a_round()
        if not is_right:
            TALLY["undetected"] += 1
            self.fail(f"{where}: {told}")

    def flip_in(self, name, share=1.0):
        for _ in range(rounds(2, 0.1)):
            self.server.put_back(self.whole)
            file = self.server.data / name
            data = bytearray(file.read_bytes())
            where = f"{name}, {self.flip(data, share)}"
            file.write_bytes(data)
            verified = self.server.command("verify")
            if verified.code != 0:
                # Told to whoever asks: with the file, or what in it.
                told = verified.out + verified.err
                self.judge(verified.code in (1, 2) and self.names(name, told), where, verified)
            self.judge_start(name, where, verified)

    def judge_start(self, name, where, verified):
        try:
            self.server.start()
        except Waited:
            code = self.server.program.await_exit()
            told = self.server.program.err.text()
            self.server.forget_program()
            self.judge(code in (1, 2) and self.names(name, told), where, told)
            return
        counts, code, told = self.looked(self.server)
        # It may serve what is whole of a store in which verify has named the rest: nothing that is wrong, ever.
        wrong = counts.get("broken", 0) + counts.get("twice", 0) + (counts.get("lost", 0) if verified.code == 0 else 0)
        self.judge(wrong == 0 and (code == 0 or verified.code != 0), where, told)
        self.server.kill()

    def names(self, name, told):
        of_store = name.startswith(("qpq.db", "db.key"))
        return name in told or (of_store and ("qpq.db" in told or "DAMAGED" in told))


if __name__ == "__main__":
    main()

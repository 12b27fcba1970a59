"""What an operator does with a server: check, watch, verify, back up, restore, renew."""
import json
import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import sys
import unittest

from programs import Program
from world import QPQ_SERVER, Scene, Server, environment

NOBODY = 65534
ASK = """
import os, socket, sys
os.chdir(sys.argv[1])
door = socket.socket(socket.AF_UNIX)
door.connect("admin.sock")
try:
    door.sendall(b"status text\\n")
    print(door.recv(4096) or "hung up")
except (BrokenPipeError, ConnectionResetError):
    print("hung up")
"""
UNIT = pathlib.Path(__file__).parents[3] / "packages/systemd/qpq-server.service"


class Operating(Scene):
    def qpq_server(self, *words, code=0):
        """One of its commands, to its end. What it says."""
        done = subprocess.run([QPQ_SERVER, *map(os.fspath, words)], env=environment(self.folder), cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def of(self, server, *words, **more):
        return self.qpq_server(*words, "--data-dir", server.data, **more)

    def status(self, server):
        return json.loads(self.of(server, "status", "--json"))

    def talked(self):
        """A server, and two people with a conversation on it."""
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        alice.send("@bob", "before the backup")
        bob.unread()
        return server, alice, bob

    def test_a_configuration_is_checked_and_nothing_made(self):
        said = self.qpq_server("check-config", "--data-dir", self.folder / "data")
        for sentence in ("0.0.0.0:7000", "127.0.0.1:9090", "a random key of the store would be made",
                         "a certificate would be made", "loops  ", "this would run"):
            self.assertIn(sentence, said)
        self.assertFalse((self.folder / "data").exists())
        config = self.folder / "server.toml"
        for text, sentence in (('listen = "nowhere"\n', '"nowhere" is no address'),
                               ('lisden = "a"\n', 'did you mean "listen"?'),
                               ('metrics_listen = "9090"\n', 'metrics_listen "9090" is no address'),
                               ('log_level = "loud"\n', '"log_level" must be'),
                               ('log_format = 1\n', '"log_format" must be'),
                               ('db_key_file = "absent.key"\n', "absent.key"),
                               ('tls_cert = "absent.pem"\ntls_key = "absent.pem"\n', "absent.pem")):
            with self.subTest(text=text):
                config.write_text(text)
                said = self.qpq_server("check-config", "--config", config, "--data-dir", self.folder / "data", code=2)
                self.assertIn(sentence, said)

    def test_a_running_server_tells_how_it_is_to_its_owner_alone(self):
        server = self.server()
        door = server.data / "admin.sock"
        self.assertTrue(stat.S_ISSOCK(door.stat().st_mode))
        self.assertEqual(stat.S_IMODE(door.stat().st_mode), 0o600)
        status = self.status(server)
        self.assertEqual((status["state"], status["identity"]), ("ready", server.identity))
        self.assertEqual(status["address"], server.address)
        self.assertIn(server.identity, self.of(server, "status"))
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(os.path.relpath(door))
            asking.sendall(b"nonsense\n")
            self.assertTrue(asking.makefile().read().endswith("exit 2\n"))
        server.kill()
        self.assertTrue(door.exists())
        self.assertIn("no server answers", self.of(server, "status", code=1))
        server.start()
        self.assertEqual(self.status(server)["state"], "ready")
        server.stop()
        self.assertFalse(door.exists())

    def test_whoever_is_not_the_owner_is_not_answered_even_where_the_door_stands_open(self):
        other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        if os.geteuid() != 0 or subprocess.run([*other, "true"], capture_output=True).returncode != 0:
            self.skipTest("there is nobody else here")
        server = self.server()
        for path, mode in ((self.folder, 0o755), (server.data, 0o755), (server.data / "admin.sock", 0o666)):
            path.chmod(mode)
        for who, answer in (([], "state"), (other, "hung up")):
            said = subprocess.run([*who, sys.executable, "-c", ASK, server.data], capture_output=True, text=True)
            self.assertIn(answer, said.stdout, said.stderr)
        self.assertEqual(self.status(server)["state"], "ready")

    def test_a_store_is_verified_running_and_stopped_and_what_is_damaged_is_named(self):
        server, alice, bob = self.talked()
        sound = self.of(server, "verify")
        self.assertRegex(sound, r"^2 accounts, 2 devices, \d logs, \d+ entries, \d+ files: sound\n$")
        server.stop()
        self.assertEqual(self.of(server, "verify"), sound)
        store = server.data / "qpq.db"
        with store.open("r+b") as file:
            file.seek(store.stat().st_size // 2)
            file.write(b"flipped")
        self.assertRegex(self.of(server, "verify", code=1), r"(?i)page \d+")

    def test_a_backup_is_made_while_people_talk_and_restores_as_a_new_incarnation(self):
        server, alice, bob = self.talked()
        copy = self.folder / "backup.db"
        his = bob.talk()
        self.assertIn("sound copy", self.of(server, "backup", "backup.db"))
        self.assertEqual(stat.S_IMODE(copy.stat().st_mode), 0o600)
        self.assertIn("there already", self.of(server, "backup", copy, code=1))
        self.assertIn("without a newline", self.of(server, "backup", "two\nlines.db", code=2))
        self.assertIn("absent", self.of(server, "backup", self.folder / "absent/backup.db", code=1))
        self.assertEqual(his.finish(), 0)
        alice.send("@bob", "said after the backup")
        before = self.status(server)
        self.assertIn("in use", self.of(server, "restore", copy, "--force", code=1))
        server.stop()
        self.assertIn("--force", self.of(server, "restore", copy, code=1))
        self.assertIn("new incarnation", self.of(server, "restore", copy, "--force", "--refill-window", "1"))
        server.start()
        after = self.status(server)
        self.assertEqual(after["identity"], before["identity"])
        self.assertNotEqual(after["incarnation"], before["incarnation"])
        self.assertIn("sound", self.of(server, "verify"))
        # Only she has what the backup lacks: bob had not read it.
        alice.send("@bob", "after the restore")
        self.assertEqual(bob.unread(), [("alice", "said after the backup"), ("alice", "after the restore")])
        self.assertIn("sound", self.of(server, "verify"))

    def test_a_backup_needs_the_key_of_its_store(self):
        server, _, _ = self.talked()
        self.of(server, "backup", self.folder / "backup.db")
        server.stop()
        shutil.move(server.data / "db.key", self.folder / "db.key")
        other = self.folder / "other"
        other.mkdir()
        said = self.qpq_server("restore", "backup.db", "--data-dir", other, code=2)
        self.assertIn("key of the store is not in", said)
        self.assertEqual(list(other.iterdir()), [])
        shutil.move(self.folder / "db.key", other / "db.key")
        self.qpq_server("restore", "backup.db", "--data-dir", other)
        self.assertIn("2 accounts", self.qpq_server("verify", "--data-dir", other))

    def test_a_certificate_is_renewed_without_a_restart_and_nobody_is_alarmed(self):
        server = self.server()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        his = bob.talk()
        before = self.status(server)["tls_key"]
        other = self.server("other")
        other.stop()
        for name in ("server-cert.pem", "server-key.pem"):
            shutil.copy(other.data / name, server.data / name)
        server.program.kill(signal.SIGHUP)
        server.program.await_line("the certificate was read again", stream=server.program.err)
        self.assertNotEqual(self.status(server)["tls_key"], before)
        alice.send("@bob", "over the new one")   # pins the identity, not the certificate
        his.await_message("over the new one")    # and who was connected stays
        self.assertEqual(his.finish(), 0)
        # A pair that does not belong together changes nothing.
        (server.data / "server-cert.pem").write_text("no certificate")
        server.program.kill(signal.SIGHUP)
        server.program.await_line("the old one stays", stream=server.program.err)
        alice.send("@bob", "still there")

    def test_the_program_leaves_no_core_and_lets_nobody_look_into_it(self):
        data = self.folder / "guarded"
        data.mkdir()
        words = [QPQ_SERVER, "--listen", "127.0.0.1:0", "--data-dir", data]
        if os.geteuid() == 0:  # for root all processes look alike
            os.chown(data, NOBODY, NOBODY)
            words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *words]
            if subprocess.run([*words[:4], "true"], capture_output=True).returncode != 0:
                self.skipTest("there is nobody else here")
        program = self.start(Program, "qpq-server", words, environment(self.folder))
        program.await_line("listening")
        process = pathlib.Path(f"/proc/{program.pid}")
        self.assertRegex((process / "limits").read_text(), r"Max core file size +0 +0 ")
        # What may not be dumped belongs to root in /proc, and not to whoever runs it.
        self.assertEqual((process / "mem").stat().st_uid, 0)
        program.kill(signal.SIGABRT)
        self.assertEqual(program.await_exit(), -signal.SIGABRT)
        self.assertEqual(list(self.folder.rglob("core*")), [])

    def test_systemd_is_told_when_it_is_ready_and_when_it_stops(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            name = f"qpq-scene-{os.getpid()}"
            manager.bind("\0" + name)
            manager.settimeout(60)
            server = Server(self, "server")
            words = [QPQ_SERVER, "--listen", "127.0.0.1:0", "--data-dir", server.data]
            program = self.start(Program, "qpq-server", words, environment(self.folder, NOTIFY_SOCKET="@" + name))
            self.assertEqual(manager.recv(64), b"READY=1")
            program.await_line("listening")
            program.kill(signal.SIGTERM)
            self.assertEqual(manager.recv(64), b"STOPPING=1")
            self.assertEqual(program.await_exit(), 0)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_the_unit_is_one_systemd_takes(self):
        unit = self.folder / "qpq-server.service"
        unit.write_text(UNIT.read_text().replace("/usr/bin/qpq-server", os.fspath(QPQ_SERVER)))
        checked = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()

"""Mistakes in the server's configuration are named in a sentence before anything starts."""
import os
import unittest

from programs import Program
from world import QPQ_SERVER, Scene, environment


class Configuration(Scene):
    def serve(self, *flags, **variables):
        return self.start(Program, "qpq-server", [QPQ_SERVER, *flags], environment(self.folder, **variables))

    def refusal(self, *flags, code=2, **variables):
        """What it says on its errors before it ends with this code."""
        server = self.serve(*flags, **variables)
        self.assertEqual(server.await_exit(), code, server.account())
        self.assertNotIn("listening", server.out.text())
        return server.err.text()

    def file(self, text):
        path = self.folder / "server.toml"
        path.write_text(text)
        return path

    def test_an_unknown_key_is_named_with_the_one_that_was_meant(self):
        said = self.refusal("--config", self.file('listen = "127.0.0.1:0"\ndata_dri = "data"\n'))
        self.assertIn('server.toml:2: unknown key "data_dri"; did you mean "data_dir"?', said)
        self.assertFalse((self.folder / "data").exists())

    def test_a_wrong_type_is_named_with_the_right_one(self):
        cases = {"listen = 7000\n": '"listen" must be a string in quotes',
                 'allow_insecure_auth = "yes"\n': '"allow_insecure_auth" must be true or false',
                 'registration = "sometimes"\n': '"registration" must be "open", "invite" or "closed"'}
        for text, sentence in cases.items():
            with self.subTest(text=text):
                self.assertIn(sentence, self.refusal("--config", self.file(text)))

    def test_an_empty_key_is_no_key(self):
        self.assertIn("db_key is empty", self.refusal("--config", self.file('db_key = ""\n')))
        empty = self.folder / "empty.key"
        empty.touch()
        said = self.refusal("--listen", "127.0.0.1:0", "--data-dir", self.folder / "data", "--db-key-file", empty)
        self.assertIn("is empty", said)

    def test_what_is_not_toml_is_named_by_its_line(self):
        self.assertIn("server.toml:2:", self.refusal("--config", self.file('listen = "127.0.0.1:0"\n= what\n')))

    def test_files_that_are_not_there_are_named(self):
        self.assertIn("absent.toml", self.refusal("--config", self.folder / "absent.toml"))
        absent = self.folder / "absent.pem"
        said = self.refusal("--data-dir", self.folder / "data", "--tls-cert", absent, "--tls-key", absent)
        self.assertIn("absent.pem", said)
        self.assertIn("come together", self.refusal("--tls-cert", absent))

    def test_addresses_that_are_none_are_refused(self):
        for listen in ("localhost", "127.0.0.1", "127.0.0.1:70000", "nowhere:7000", "[::1:7000"):
            with self.subTest(listen=listen):
                self.assertIn(f'"{listen}" is no address', self.refusal("--listen", listen))

    def test_weak_password_protection_stays_on_this_machine(self):
        said = self.refusal("--listen", "0.0.0.0:0", "--allow-insecure-auth", "--data-dir", self.folder / "data")
        self.assertIn("needs a loopback listener", said)

    def test_production_takes_no_shortcuts(self):
        for flags, sentence in (([], "tls_cert and tls_key"), (["--allow-insecure-auth"], "is for tests")):
            with self.subTest(flags=flags):
                said = self.refusal("--listen", "127.0.0.1:0", *flags, QPQ_PRODUCTION="true")
                self.assertIn(sentence, said)

    def test_unknown_flags_and_a_flag_without_its_value(self):
        self.assertIn("--lisen", self.refusal("--lisen", "127.0.0.1:0"))
        self.assertIn("--listen", self.refusal("--listen"))

    def test_the_key_of_the_store_is_made_once_for_its_owner_alone(self):
        server = self.server()
        self.assertIn("made a random database key", server.program.err.text())
        for name in ("db.key", "server-key.pem", "qpq.db"):
            self.assertEqual(os.stat(server.data / name).st_mode & 0o077, 0, name)
        server.stop()
        server.start()
        self.assertNotIn("made a random database key", server.program.err.text())

    def test_a_lost_or_wrong_key_is_said_and_the_store_left_alone(self):
        server = self.server()
        server.stop()
        key = server.data / "db.key"
        right = key.read_text()
        before = (server.data / "qpq.db").read_bytes()
        key.unlink()
        self.assertIn("put the key back", self.refusal("--listen", "127.0.0.1:0", "--data-dir", server.data))
        key.write_text("00" * 32)
        self.assertIn("qpq.db", self.refusal("--listen", "127.0.0.1:0", "--data-dir", server.data, code=1))
        self.assertEqual((server.data / "qpq.db").read_bytes(), before)
        key.write_text(right)
        server.start()

    def test_a_port_that_is_taken_is_said(self):
        server = self.server()
        said = self.refusal("--listen", server.address, "--data-dir", self.folder / "other", code=1)
        self.assertIn("ddress", said)

    def test_two_servers_on_one_store_are_refused(self):
        server = self.server()
        second = self.serve("--listen", "127.0.0.1:0", "--data-dir", server.data)
        self.assertNotEqual(second.await_exit(), 0)
        alice = self.person("alice", server)
        alice.run("health")

    def test_a_server_without_registration_takes_no_new_names(self):
        server = self.server()
        self.person("alice", server)
        server.stop()
        server.flags = ("--config", self.file('registration = "closed"\nallow_insecure_auth = true\n'))
        server.start()
        bob = self.stranger("bob", server)
        self.assertEqual(bob.refused(7, "register-user", "bob", "--accept-new-server")["code"], "server-refused")


if __name__ == "__main__":
    unittest.main()

"""Two people and a file between them."""
import re

from world import Scene, Server

MIB = 1 << 20
SECRET = b"the plaintext of a file, which no server ever sees. "


class FileScene(Scene):
    def twins(self, *flags):
        server = Server(self, "server", flags=("--allow-insecure-auth", *flags))
        server.start()
        alice, bob = self.people(server, "alice", "bob")
        alice.run("dm", "bob")
        bob.ask("join")
        return server, alice, bob

    def file(self, name, size):
        """A file of this size. Its path."""
        path = self.folder / name
        with path.open("wb") as out:
            out.write((SECRET * (size // len(SECRET) + 1))[:size])
        return path

    def at_server(self, server):
        return [path for path in (server.data / "blobs").rglob("*") if re.fullmatch("[0-9a-f]{64}", path.name)]

"""Whatever bytes one likes on the control stream: a genuine QUIC connection, and Cap'n Proto messages made by hand."""
import struct

from programs import Program
from world import environment

NODE = 0x98DADE3230431B5E  # the interface's own id, which Cap'n Proto derives from its file's and its name
PING, LOGIN_START = 1, 4
LIST_COUNT_MAX = (1 << 29) - 1
VOID, BYTE, COMPOSITE = 0, 2, 7  # element sizes


def to_struct(offset, data, pointers):
    """A pointer to a struct, `offset` words behind the pointer's own end. All in words, as in capnproto.org/encoding."""
    return (offset << 2) & 0xFFFFFFFF | data << 32 | pointers << 48


def to_list(offset, element, count):
    return (offset << 2 | 1) & 0xFFFFFFFF | element << 32 | count << 35


def padded(data):
    return data + bytes(-len(data) % 8)


def message(*words, rest=b""):
    body = struct.pack(f"<{len(words)}Q", *words) + padded(rest)
    return struct.pack("<II", 0, len(body) // 8) + body


def bootstrap(question):
    return message(to_struct(0, 1, 1), 8, to_struct(0, 1, 1), question, 0)


def call(question, method, content, capabilities, *words, rest=b"", transform=0):
    """A call on what question 0, a bootstrap, will answer. `content` and `capabilities` are the pointers of its payload,
    right behind which stand the words and the rest."""
    return message(to_struct(0, 1, 1), 2, to_struct(0, 3, 3), question | method << 32, NODE, 0,
                   to_struct(2, 1, 1), to_struct(5, 0, 2), 0,
                   1 << 32, to_struct(0, 1, 1), 0, transform,
                   content, capabilities, *words, rest=rest)


def ping(question, payload):
    return call(question, PING, to_struct(1, 0, 1), 0, to_list(0, BYTE, len(payload)), rest=payload)


def login_start(question, name):
    return call(question, LOGIN_START, to_struct(1, 0, 2), 0, to_list(1, BYTE, len(name) + 1), 0, rest=name + b"\0")


class RawCaller(Program):
    """Someone who speaks QUIC and TLS as our clients do, and puts anything on the first stream."""

    def __init__(self, scene, server):
        words = ["openssl", "s_client", "-quic", "-alpn", "qpq/1", "-groups", "X25519MLKEM768", "-nocommands", "-quiet",
                 "-connect", server.address]
        super().__init__("raw caller", words, environment(scene.folder), scene.folder)
        scene.started.append(self)

    def say(self, *messages):
        self.write(b"".join(messages))

    def await_bytes(self, expected):
        return self.out.wait(lambda: expected in self.out.bytes(), f"{expected!r} from the server")

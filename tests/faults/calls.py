"""Commands to the calls that fail in front of a server (faulty_calls.cc)."""
import mmap
import os
import pathlib
import struct

BIN = pathlib.Path(os.environ.get("QPQ_FAULTS_BIN", "bin")).absolute()
LAYOUT = struct.Struct("=qqq")  # Commands in faulty_calls.cc
ALL_WORK = -1


class FaultyCalls:
    """What a server started with `environment` meets. Changes reach it while it runs."""

    def __init__(self, folder):
        self._file = folder / "calls"
        self._file.write_bytes(LAYOUT.pack(ALL_WORK, 0, 0))
        with self._file.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), LAYOUT.size)

    @property
    def environment(self):
        return {"LD_PRELOAD": str(BIN / "faults-calls.so"), "QPQ_FAULTS": str(self._file)}

    def fail_syncs(self, after=0):
        """From the call `after` the next ones on, nothing is made durable any more, and the caller is told so."""
        struct.pack_into("=q", self._memory, 0, after)

    def heal_syncs(self):
        struct.pack_into("=q", self._memory, 0, ALL_WORK)

    @property
    def failed_syncs(self):
        return struct.unpack_from("=q", self._memory, 8)[0]

    def set_clock_ahead(self, seconds):
        """Of the true time; negative: behind it."""
        struct.pack_into("=q", self._memory, 16, round(seconds * 1e9))

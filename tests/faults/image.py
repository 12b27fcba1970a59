"""A disk whose power can be cut: ext4 in a file."""
import os
import pathlib
import shutil
import subprocess

SIZE = 256 << 20


def why_not():
    """Why this machine has none, in a line; nothing if it has."""
    if pathlib.Path("/proc/self/uid_map").read_text().split()[2] != "4294967295" or os.geteuid() != 0:
        return "an image is mounted by root alone"
    if not pathlib.Path("/dev/loop-control").exists():
        return "there are no loop devices"
    if shutil.which("mkfs.ext4") is None:
        return "there is no mkfs.ext4"
    return None


class Image:
    """What lies at a folder survives a power cut as far as it was synced, and no further."""

    def __init__(self, scene, folder):
        self.folder = folder
        self._file = scene.folder / "disk.0"
        self._cuts = 0
        with self._file.open("wb") as file:
            file.truncate(SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0", self._file], check=True)
        folder.mkdir()
        self._attach()
        scene.disks.append(self)

    def _attach(self):
        subprocess.run(["mount", "-t", "ext4", "-o", "loop", self._file, self.folder], check=True)

    def cut_power(self):
        """Whoever used it has just been killed: what had reached the device by now is found, and the journal's rest."""
        self._cuts += 1
        rest = self._file.with_name(f"disk.{self._cuts}")
        subprocess.run(["cp", "--sparse=always", self._file, rest], check=True)
        self.detach()
        self._file.unlink()
        self._file = rest
        self._attach()

    def detach(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)

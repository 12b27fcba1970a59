"""A disk that can be filled."""
import errno
import subprocess


class Disk:
    """A small filesystem at a folder, and what else lies on it."""

    def __init__(self, scene, folder, size):
        self.folder = folder
        self.ballast = folder / "ballast"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder], check=True)
        scene.disks.append(self)

    def fill(self, but=0):
        """Whatever is left is taken, but for so many bytes."""
        with self.ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            file.truncate(max(0, file.tell() - but))

    def free(self):
        self.ballast.unlink()

    def detach(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)

"""Disks of a test's own, that can lose power or run full, and be mended."""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from deploy.native.postgres_install import SHARED, account
from deploy.native.supervision import wait_until

SHUT_DOWN = 0x8004587D
"""The ext4 shutdown call; with the flag below nothing that is not on the disk yet comes there.

Source: linux, include/uapi/linux/fs.h, EXT4_GOING_FLAGS_NOLOGFLUSH.
"""

NO_FLUSH = struct.pack("I", 2)
UNMOUNT_SECONDS = 30.0
FILL_BYTES = 65_536
_numbers = count(1)


@dataclass(frozen=True)
class Disk:
    """A file that is a disk, mounted where the account of Postgres can reach it."""

    image: Path
    place: Path

    def lose_power(self) -> None:
        """Nothing is written from now on, and what was not forced to the disk is gone."""
        folder = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUT_DOWN, NO_FLUSH)
        finally:
            os.close(folder)

    def come_back(self) -> None:
        """As after the power is back: the disk holds what had reached it."""
        self.unmount()
        self.mount()

    def mount(self) -> None:
        """Put it in its place."""
        subprocess.run(("mount", "-o", "loop", str(self.image), str(self.place)), check=True)

    def unmount(self) -> None:
        """Take it away, once nobody uses it any more."""
        words = ("umount", str(self.place))
        done = wait_until(
            lambda: subprocess.run(words, capture_output=True, check=False).returncode == 0,
            seconds=UNMOUNT_SECONDS,
        )
        assert done, f"{self.place} stayed in use"

    def fill(self) -> int:
        """Leave no byte free; gives how many bytes it took."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, self._free_bytes())
            while True:
                file.seek(0, os.SEEK_END)
                file.write(bytes(FILL_BYTES))
        return self._ballast.stat().st_size

    def make_room(self) -> None:
        """Take away what filled it."""
        self._ballast.unlink(missing_ok=True)

    def folder_for_postgres(self, name: str) -> Path:
        """A folder on it that Postgres may use."""
        folder = self.place / name
        folder.mkdir(mode=0o700)
        os.chown(folder, account().uid, account().gid)
        return folder

    def _free_bytes(self) -> int:
        seen = os.statvfs(self.place)
        return seen.f_bavail * seen.f_frsize - FILL_BYTES

    @property
    def _ballast(self) -> Path:
        return self.place / "ballast"


@contextmanager
def own_disk(folder: Path, name: str, megabytes: int) -> Iterator[Disk]:
    """A disk of this size, mounted; its image lies in `folder` and is removed afterwards.

    Shape: its place is its own, also beside another of that name, which would hide it.
    """
    disk = Disk(folder / f"{name}.image", SHARED / f"disk-{os.getpid()}-{next(_numbers)}-{name}")
    disk.place.mkdir(parents=True, exist_ok=True)
    with disk.image.open("wb") as file:
        file.truncate(megabytes << 20)
    subprocess.run(("mkfs.ext4", "-q", str(disk.image)), check=True)
    disk.mount()
    try:
        yield disk
    finally:
        if disk.place.is_mount():
            subprocess.run(("umount", "--lazy", str(disk.place)), check=True)
        disk.place.rmdir()
        disk.image.unlink()

"""Limits on what one process may use, set and lifted while it runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.native.supervision import wait_until

ROOT = Path("/sys/fs/cgroup")
EMPTY_SECONDS = 20.0


@dataclass(frozen=True)
class Limits:
    """One group of the kernel's, with the processes that were put into it."""

    place: Path

    def hold(self, pid: int) -> None:
        """From now on the limits are this process's, too."""
        self.write("cgroup.procs", pid)

    def write(self, name: str, value: int) -> None:
        """Set one limit."""
        (self.place / name).write_text(str(value), encoding="ascii")

    def read(self, name: str, what: str) -> int:
        """One figure out of a file of figures."""
        lines = (self.place / name).read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.split()[0] == what)

    def let_go(self) -> None:
        """Whoever is in it is without limits again."""
        for pid in (self.place / "cgroup.procs").read_text(encoding="ascii").split():
            (self.place.parent / "cgroup.procs").write_text(pid, encoding="ascii")


@contextmanager
def limits(controller: str) -> Iterator[Limits]:
    """A group of this controller, removed afterwards."""
    place = ROOT / controller / f"flux3d-{os.getpid()}-fault"
    place.mkdir()
    made = Limits(place)
    try:
        yield made
    finally:
        made.let_go()
        gone = wait_until(lambda: _is_removed(place), seconds=EMPTY_SECONDS)
        assert gone, f"{place} stayed in use"


def _is_removed(place: Path) -> bool:
    try:
        place.rmdir()
    except OSError:
        return False
    return True

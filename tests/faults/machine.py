"""What a fault may need of the machine, tried once rather than guessed."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path

from deploy.native import tracer
from deploy.native.failure import StackError


class Means(StrEnum):
    """A way to make a fault."""

    ROOT = "root's rights"
    STRACE = "strace"
    LOOP_MOUNTS = "loop mounts"
    SMALL_DISKS = "a tmpfs of a stated size"
    NAMESPACES = "network namespaces"
    MEMORY_CGROUP = "the memory cgroup"
    CPU_CGROUP = "the cpu cgroup"


@cache
def has(means: Means) -> bool:
    """Whether the machine can do it."""
    return _TRIALS[means]()


def _root() -> bool:
    return os.geteuid() == 0


def _strace() -> bool:
    try:
        words = [str(tracer.strace()), "-o", os.devnull, "true"]
    except StackError:
        return False
    done = subprocess.run(words, env=tracer.environment(), capture_output=True, check=False)
    return done.returncode == 0


def _loop_mounts() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        with image.open("wb") as file:
            file.truncate(16 << 20)
        made = _runs("mkfs.ext4", "-q", str(image))
        return made and _mounts(folder, "-o", "loop", str(image))


def _small_disks() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return _mounts(folder, "-t", "tmpfs", "-o", "size=1m", "tmpfs")


def _mounts(folder: str, *options: str) -> bool:
    place = Path(folder, "place")
    place.mkdir()
    return _runs("mount", *options, str(place)) and _runs("umount", str(place))


def _namespaces() -> bool:
    name = f"flux3d-{os.getpid()}"
    return _runs("ip", "netns", "add", name) and _runs("ip", "netns", "del", name)


def _cgroup(controller: str) -> bool:
    place = Path("/sys/fs/cgroup", controller, f"flux3d-{os.getpid()}")
    try:
        place.mkdir()
        place.rmdir()
    except OSError:
        return False
    return True


def _runs(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


_TRIALS: dict[Means, Callable[[], bool]] = {
    Means.ROOT: _root,
    Means.STRACE: _strace,
    Means.LOOP_MOUNTS: _loop_mounts,
    Means.SMALL_DISKS: _small_disks,
    Means.NAMESPACES: _namespaces,
    Means.MEMORY_CGROUP: lambda: _cgroup("memory"),
    Means.CPU_CGROUP: lambda: _cgroup("cpu"),
}

"""A whole stack of the faults' own, with disks of its own for its data, its WAL and its logs."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.native import lifecycle
from deploy.native.stack import Ports, Stack
from deploy.native.testing import free_port_base, running_stack
from tests.faults.disks import Disk, own_disk
from tests.faults.machine import Means, has

DISK_MEGABYTES = 800
BROKER_DISK_MEGABYTES = 400
LOGS_MEGABYTES = 100


@dataclass(frozen=True)
class Whole:
    """The stack, and its disks; none where nobody may mount any."""

    stack: Stack
    data: Disk | None = None
    wal: Disk | None = None
    kafka: Disk | None = None
    logs: Disk | None = None


@contextmanager
def whole_stack(home: Path) -> Iterator[Whole]:
    """Everything up, with a movable clock; taken down afterwards."""
    home.mkdir(parents=True)
    with ExitStack() as opened:
        base = opened.enter_context(free_port_base())
        whole = Whole(Stack(home=home / "home", ports=Ports(base), clock="movable"))
        if has(Means.LOOP_MOUNTS):
            whole = _on_own_disks(opened, home, whole.stack)
        opened.enter_context(running_stack(whole.stack.home, base, parts="everything"))
        yield whole
    shutil.rmtree(home)


def _on_own_disks(opened: ExitStack, folder: Path, stack: Stack) -> Whole:
    data = opened.enter_context(own_disk(folder, "data", DISK_MEGABYTES))
    wal = opened.enter_context(own_disk(folder, "wal", DISK_MEGABYTES))
    kafka = opened.enter_context(own_disk(folder, "kafka", BROKER_DISK_MEGABYTES))
    stack.home.mkdir()
    segments = kafka.place / "segments"
    segments.mkdir()
    Path(stack.home, "kafka").symlink_to(segments)
    cluster = data.folder_for_postgres("cluster")
    stack.postgres.symlink_to(cluster)
    logs = opened.enter_context(own_disk(folder, "logs", LOGS_MEGABYTES))
    (logs.place / "logs").mkdir()
    stack.logs.symlink_to(logs.place / "logs")
    lifecycle.prepare_home(stack, at_once=())
    _move_wal(cluster, wal)
    return Whole(stack, data, wal, kafka, logs)


def _move_wal(cluster: Path, disk: Disk) -> None:
    made = cluster / "data" / "pg_wal"
    moved = disk.folder_for_postgres("wal")
    subprocess.run(("cp", "--archive", f"{made}/.", str(moved)), check=True)
    shutil.rmtree(made)
    made.symlink_to(moved)

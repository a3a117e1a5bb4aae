"""A cluster of Postgres that belongs to one test: migrated for a service, killed and restarted."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.native import databases
from deploy.native.cluster import prepare_cluster
from deploy.native.postgres_install import SHARED, account, programs
from deploy.native.readiness import ready
from deploy.native.rendering import render_all
from deploy.native.secret_files import make_all
from deploy.native.stack import Ports, Stack
from deploy.native.supervision import wait_until
from deploy.native.testing import free_port_base

KIND = "quotes"
READY_SECONDS = 60.0
ENDED_SECONDS = 30.0


class OwnCluster:
    """One server, started without a supervisor, so that a test says when it comes back."""

    def __init__(self, stack: Stack, place: Path) -> None:
        """Make the cluster of `stack` in `place`, a folder that Postgres may use."""
        for folder in (stack.run, stack.logs):
            folder.mkdir(parents=True)
        stack.postgres.symlink_to(place)
        make_all(stack)
        render_all(stack)
        prepare_cluster(stack)
        self.stack = stack
        self.log = stack.logs / "postgres.log"
        self._data = place / "data"
        self._server: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Start it and make the database of a service."""
        self.start()
        databases.make_roles(self.stack)
        databases.make_database(self.stack, KIND, visitors=databases.visitors(KIND))
        databases.migrate(self.stack, KIND, kind=KIND)

    def start(self) -> None:
        """Start it and wait until it answers; a mark of a server that is dead is in nobody's way.

        Why: a process number of before may be somebody else's by now.
        """
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                (str(programs() / "postgres"), "-D", str(self._data)),
                cwd=self._data,
                user=account().uid,
                group=account().gid,
                extra_groups=[],
                stdout=log,
                stderr=log,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Come back when it answers."""
        answers = wait_until(lambda: ready(self.stack, "postgres"), seconds=READY_SECONDS)
        assert answers, self.log.read_text(encoding="utf-8")[-2000:]

    def kill(self) -> None:
        """Kill the server; its backends end by themselves."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(ENDED_SECONDS)
            self._server = None

    def pid_of(self, what: str) -> int:
        """The one child that does this work, by the title that Postgres gives it."""
        mark = f"postgres: {what}".encode()
        found = [pid for pid in self._children() if _command(pid).startswith(mark)]
        assert len(found) == 1, f"{what}: {found}"
        return found[0]

    def url(self, role: str = KIND) -> str:
        """How a role reaches the service's database."""
        return self.stack.database_url(role, KIND)

    def _children(self) -> Sequence[int]:
        assert self._server is not None
        pid = self._server.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def own_cluster(home: Path, place: Path) -> Iterator[OwnCluster]:
    """A cluster, up and with the tables of a service; killed afterwards."""
    with free_port_base() as base:
        cluster = OwnCluster(Stack(home=home, ports=Ports(base)), place)
        try:
            cluster.prepare()
            yield cluster
        finally:
            cluster.kill()


@contextmanager
def folder_for_postgres(name: str) -> Iterator[Path]:
    """A folder that Postgres may use, on the machine's own disk; removed afterwards."""
    folder = SHARED / f"{name}-{os.getpid()}"
    folder.mkdir(parents=True, mode=0o700)
    os.chown(folder, account().uid, account().gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""

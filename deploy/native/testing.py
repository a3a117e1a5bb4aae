"""Stacks and databases for tests: the real parts, in a home and on ports of their own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Literal

from deploy.native import databases, lifecycle
from deploy.native.failure import StackError
from deploy.native.programs import WITHOUT_SERVICES
from deploy.native.readiness import ready, taken
from deploy.native.secret_files import make_all
from deploy.native.stack import CHECKOUT, DATABASES, OWNER, ClockKind, DoorsKind, Ports, Stack

Parts = Literal["bare", "without-services", "everything"]

TEST_HOME = CHECKOUT / ".local-test"
CHECKOUT_LOCKS = CHECKOUT / ".local-locks"
MACHINE_LOCKS = Path(tempfile.gettempdir(), f"flux3d-locks-{os.getuid()}")
"""Ports belong to the machine: checkouts that test side by side must not race for them."""

TEST_PORT_BASE = 8540
OWN_PORT_BASE = 9640
PORT_STEP = 40
_numbers = count(1)


def shared_stack_place() -> Stack:
    """Where this checkout's shared test stack lies, or would lie; nothing is started.

    Why: another checkout may be testing beside this one, so free ports are looked for once and
    the home remembers them.
    """
    bound = TEST_HOME / "run" / "port-base"
    base = int(bound.read_text()) if bound.is_file() else _first_free_base()
    return Stack(home=TEST_HOME, ports=Ports(base), clock="movable")


def _first_free_base() -> int:
    bases = range(TEST_PORT_BASE, OWN_PORT_BASE, PORT_STEP)
    return next((one for one in bases if not any(map(taken, Ports(one).all()))), TEST_PORT_BASE)


@contextmanager
def running_stack(
    home: Path,
    port_base: int | None = None,
    *,
    parts: Parts = "bare",
    clock: ClockKind = "movable",
    doors: DoorsKind = "shared",
) -> Iterator[Stack]:
    """A stack of one's own, on free ports; its home is removed afterwards.

    Raises: StackError with what the start said, when it did not come up.
    """
    with free_port_base() if port_base is None else nullcontext(port_base) as base:
        stack = Stack(home=home, ports=Ports(base), clock=clock, doors=doors)
        try:
            start(stack, parts=parts)
            yield stack
        finally:
            lifecycle.clean(stack)


@contextmanager
def free_port_base() -> Iterator[int]:
    """A port base whose ports nobody uses, kept from other test processes while it is held.

    Raises: StackError, when there is none left.
    """
    for base in range(OWN_PORT_BASE, OWN_PORT_BASE + 100 * PORT_STEP, PORT_STEP):
        claim = _open_lock(f"ports-{base}.lock")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not any(taken(port) for port in Ports(base).all()):
                yield base
                return
        except BlockingIOError:
            continue
        finally:
            os.close(claim)
    raise StackError(what="No free ports for a test's own stack", remedy="Stop some stacks")


def _open_lock(name: str, *, folder: Path = MACHINE_LOCKS) -> int:
    folder.mkdir(exist_ok=True)
    return os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)


def start(stack: Stack, *, parts: Parts) -> None:
    """Bring a stack up in a process of its own, so that no event loop of a test is in its way."""
    place = {
        "FLUX3D_HOME": str(stack.home),
        "FLUX3D_PORT_BASE": str(stack.ports.base),
        "FLUX3D_DOORS": stack.doors,
    }
    clock = ["--movable-clock"] if stack.clock == "movable" else []
    done = subprocess.run(
        [sys.executable, "-m", "deploy.native", "up", "--parts", parts, *clock],
        env={**os.environ, **place},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(what=f"The test stack: {done.stderr[-2000:]}", remedy="Nothing is running")


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """A migrated database that belongs to one test."""

    stack: Stack
    kind: str
    name: str

    def url(self, role: str | None = None) -> str:
        """How a role reaches it; without one, the service whose kind it is, or the owner."""
        fallback = OWNER if self.kind == "keyring" else self.kind
        return self.stack.database_url(role or fallback, self.name)


@contextmanager
def fresh_database(stack: Stack, kind: str) -> Iterator[FreshDatabase]:
    """A copy of the migrated database of a kind, dropped afterwards."""
    name = f"test_{kind}_{os.getpid()}_{next(_numbers)}"
    visitors = databases.visitors(kind)
    databases.make_database(stack, name, visitors=visitors, template=template_name(kind))
    try:
        yield FreshDatabase(stack, kind, name)
    finally:
        databases.drop_database(stack, name)


def prepare_templates(stack: Stack) -> None:
    """Make a template of every kind of database at its newest migrations.

    Why: the template is copied from a database with the kind's own name, because migrations grant
    to the role named like the database; on a test stack that database serves nothing else.
    """
    # A stack that an earlier run left up may lack a role that was added since.
    make_all(stack)
    databases.make_roles(stack)
    for kind in DATABASES:
        name = template_name(kind)
        if not databases.database_exists(stack, name):
            visitors = databases.visitors(kind)
            databases.drop_database(stack, kind)
            databases.make_database(stack, kind, visitors=visitors)
            databases.migrate(stack, kind, kind=kind)
            databases.make_database(stack, name, visitors=visitors, template=kind)


@cache
def template_name(kind: str) -> str:
    """The template of a kind; migrations edited before this process began have another one."""
    digest = hashlib.sha256()
    for folder in databases.migration_folders(kind):
        for path in sorted(folder.glob("*.sql")):
            digest.update(path.read_bytes())
    return f"template_{kind}_{digest.hexdigest()[:8]}"


class SharedStack:
    """The stack that all test processes of a checkout share: the first starts it, the last ends it.

    Why: pytest-xdist runs workers side by side, and people run pytest twice.
    """

    def __init__(self) -> None:
        """Nothing is claimed or started yet."""
        self._users = _open_lock("users.lock", folder=CHECKOUT_LOCKS)

    def claim(self) -> None:
        """Say that this process may use the stack, so that nobody takes it down."""
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def started(self) -> Stack:
        """The stack, up and with its templates; started by whoever asks first."""
        turn = _open_lock("start.lock")
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            stack = shared_stack_place()
            if not all(ready(stack, name) for name in WITHOUT_SERVICES):
                start(stack, parts="without-services")
            prepare_templates(stack)
        finally:
            os.close(turn)
        return stack

    def leave(self) -> None:
        """Stop using the stack; whoever leaves last takes it down and removes its home."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # someone else still uses it, and will take it down
        else:
            if (TEST_HOME / "run").is_dir() and "FLUX3D_TEST_KEEP" not in os.environ:
                lifecycle.clean(shared_stack_place())
        finally:
            os.close(self._users)

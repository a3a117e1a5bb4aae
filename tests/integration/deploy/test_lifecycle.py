"""Stacks beside each other, crashes, and what is left afterwards."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.native import lifecycle
from deploy.native.failure import StackError
from deploy.native.programs import BARE, WITHOUT_SERVICES
from deploy.native.readiness import ready
from deploy.native.stack import Ports, Stack
from deploy.native.supervision import Supervisor, strays, wait_until
from deploy.native.testing import running_stack


@pytest.fixture(scope="module")
def neighbour() -> Iterator[Stack]:
    """A bare stack of its own, in a folder that only its owner may enter."""
    with tempfile.TemporaryDirectory() as private:
        folder = Path(private)
        folder.chmod(0o700)
        with running_stack(folder / "home") as one:
            yield one
        assert not (folder / "home").exists()


def test_private_home_is_no_obstacle(neighbour: Stack) -> None:
    """PostgreSQL's own account need not be able to enter the home."""
    assert all(ready(neighbour, name) for name in BARE)


def test_stacks_stand_side_by_side(stack: Stack, neighbour: Stack) -> None:
    """Another home and port base make another stack; both answer."""
    assert all(ready(neighbour, name) for name in BARE)
    assert all(ready(stack, name) for name in WITHOUT_SERVICES)


def test_killed_part_comes_back(neighbour: Stack) -> None:
    """A crash is repaired by the supervisor, without anybody acting."""
    victim = _pid(neighbour, "mail")
    os.kill(victim, signal.SIGKILL)
    assert wait_until(lambda: _pid(neighbour, "mail") not in (0, victim), seconds=20)
    assert wait_until(lambda: ready(neighbour, "mail"), seconds=20)


def test_home_of_another_port_base_is_refused(neighbour: Stack) -> None:
    """Kafka's storage remembers its ports; a moved stack would not start, so we say so."""
    moved = Stack(home=neighbour.home, ports=Ports(neighbour.ports.base + 1), clock="movable")
    with pytest.raises(StackError, match=f"was made for port base {neighbour.ports.base}"):
        lifecycle.prepare_home(moved, at_once=())


def test_taken_port_is_named(stack: Stack, tmp_path: Path) -> None:
    """A port in use is said in one line before anything starts."""
    second = Stack(home=tmp_path / "home", ports=stack.ports)
    with pytest.raises(StackError, match=f"Port {stack.ports.gateway} is in use"):
        lifecycle.up(second, BARE)


def test_stack_with_another_clock_is_refused(neighbour: Stack) -> None:
    """A show's clock and the real one are never mixed in one running stack."""
    other = Stack(home=neighbour.home, ports=neighbour.ports, clock="real")
    with pytest.raises(StackError, match="running with a movable clock"):
        lifecycle.up(other, BARE)


def test_folder_that_is_no_home_is_not_removed(tmp_path: Path) -> None:
    """A mistyped FLUX3D_HOME costs nobody a folder."""
    (tmp_path / "precious").touch()
    with pytest.raises(StackError, match="is not the home of a stack"):
        lifecycle.clean(Stack(home=tmp_path, ports=Ports(9000)))
    assert (tmp_path / "precious").exists()


def test_supervisor_that_dies_leaves_no_strays_after_down(stack: Stack, tmp_path: Path) -> None:
    """`down` finds what outlived its supervisor, and touches nobody else."""
    with running_stack(tmp_path / "home") as one:
        supervisor = int((one.run / "supervisor.pid").read_text())
        os.kill(supervisor, signal.SIGKILL)
        assert wait_until(lambda: not Supervisor(one).is_up(), seconds=10)
        assert strays(one)
        lifecycle.down(one)
        assert not any(ready(one, name) for name in BARE)
    assert all(ready(stack, name) for name in WITHOUT_SERVICES)


def _pid(stack: Stack, name: str) -> int:
    return next(one.pid for one in Supervisor(stack).states() if one.name == name)

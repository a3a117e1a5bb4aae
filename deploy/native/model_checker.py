"""Spin, a model checker, and the compiler it needs."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.native.debian import Packages
from deploy.native.failure import StackError

SPIN = Packages("spin", ("spin",))


def fetch() -> str:
    """Bring Spin, unless the machine has one; says where it is."""
    if not shutil.which("spin"):
        SPIN.unpack()
    return str(spin())


def spin() -> Path:
    """The program.

    Raises: StackError, when neither the machine nor the cache has one.
    """
    found = Path(shutil.which("spin") or SPIN.folder / "usr/bin/spin")
    if not found.exists():
        raise StackError(what="Spin is not here", remedy="Run make test, or install spin")
    return found


def compiler() -> Path:
    """The C compiler that turns a model into its checker.

    Raises: StackError, when there is none.
    """
    found = shutil.which("gcc")
    if found is None:
        raise StackError(what="Spin needs gcc", remedy="Run: sudo apt-get install -y gcc libc6-dev")
    return Path(found)

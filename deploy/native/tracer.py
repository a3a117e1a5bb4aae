"""strace, by which faults let a process's system calls fail or end it at one of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.native.debian import Packages
from deploy.native.failure import StackError

STRACE = Packages("strace", ("strace", "libunwind8"))


def fetch() -> str:
    """Bring strace, unless the machine has one; says where it is."""
    if not shutil.which("strace"):
        STRACE.unpack()
    return str(strace())


def strace() -> Path:
    """The program; run it with `environment()`.

    Raises: StackError, when neither the machine nor the cache has one.
    """
    found = Path(shutil.which("strace") or STRACE.folder / "usr/bin/strace")
    if not found.exists():
        raise StackError(what="strace is not here", remedy="Run make test, or install strace")
    return found


def environment() -> Mapping[str, str]:
    """The whole environment in which an unpacked strace finds its libraries."""
    places = [str(one) for one in (STRACE.folder / "usr/lib").glob("*-linux-gnu")]
    found = {"LD_LIBRARY_PATH": os.pathsep.join(places)} if places else {}
    return {**os.environ, **found}

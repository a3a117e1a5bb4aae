"""wrk, which loads a door for the benchmarks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.native.debian import Packages
from deploy.native.failure import StackError

WRK = Packages("wrk", ("wrk", "libluajit2-5.1-2", "libluajit-5.1-common"))


def fetch() -> str:
    """Bring wrk, unless the machine has one; says where it is."""
    if not shutil.which("wrk"):
        WRK.unpack()
    return str(wrk())


def wrk() -> Path:
    """The program; run it with `libraries()`.

    Raises: StackError, when neither the machine nor the cache has one.
    """
    found = Path(shutil.which("wrk") or WRK.folder / "usr/bin/wrk")
    if not found.exists():
        raise StackError(what="wrk is not here", remedy="Run make bench, or install wrk")
    return found


def libraries() -> Mapping[str, str]:
    """The environment in which an unpacked wrk finds its libraries."""
    places = [str(one) for one in (WRK.folder / "usr/lib").glob("*-linux-gnu")]
    return {"LD_LIBRARY_PATH": os.pathsep.join(places)} if places else {}

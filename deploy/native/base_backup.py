"""A copy of the whole cluster as it is at one moment, WAL included, and putting one in place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from deploy.native.base_backup_check import verify_base_backup
from deploy.native.databases import drop_database, login, make_database, migrate, visitors
from deploy.native.machine import run
from deploy.native.postgres_install import account, cluster_folder, programs
from deploy.native.stack import REPLICATOR, Stack


def take_base_backup(stack: Stack, folder: Path) -> None:
    """Copies the running cluster into a new folder and proves that the copy is whole.

    Raises: StackError.
    """
    options = ("--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256")
    run(
        [programs() / "pg_basebackup", "-D", folder, *options, "--no-password"],
        purpose="Copying the cluster",
        environment=login(stack, REPLICATOR, "postgres"),
    )
    verify_base_backup(folder)


def place_base_backup(stack: Stack, folder: Path) -> None:
    """Puts a copy where the cluster of a stack lies; a cluster that is there is moved aside."""
    place = cluster_folder(stack)
    fresh = place / "data.fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(folder, fresh, symlinks=True)
    _hand_over(fresh)
    move_aside(place / "data")
    fresh.rename(place / "data")


def move_aside(path: Path) -> None:
    """Takes a folder out of the way; one moved aside before it is kept in its place.

    Why: what lay there first is the state that was lost; a second try must not bury it.
    """
    aside = path.with_name(f"{path.name}.before")
    if not path.exists():
        return
    if aside.exists():
        shutil.rmtree(path)
    else:
        path.rename(aside)


def remove_aside(path: Path) -> None:
    """Removes what was moved aside."""
    shutil.rmtree(path.with_name(f"{path.name}.before"), ignore_errors=True)


def place_keyring_copy(stack: Stack, copy: Path) -> None:
    """Puts a copy of the keyring alone in the place of the keyring's database.

    Raises: StackError.
    """
    drop_database(stack, "keyring")
    make_database(stack, "keyring", visitors=visitors("keyring"))
    run(
        [
            programs() / "pg_restore",
            "--exit-on-error",
            "--single-transaction",
            "-d",
            "keyring",
            copy,
        ],
        purpose="Putting the copy of the keyring in place",
        environment=login(stack, "superuser", "keyring"),
    )
    migrate(stack, "keyring", kind="keyring")


def _hand_over(folder: Path) -> None:
    """Give it all to the account that runs the server, and to nobody else."""
    who = account()
    folder.chmod(0o700)
    for place, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(place) / name, who.uid, who.gid, follow_symlinks=False)

"""The PostgreSQL cluster: made once, configured at each start."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from deploy.native.failure import StackError
from deploy.native.postgres_install import account, cluster_folder, programs
from deploy.native.stack import Stack


def prepare_cluster(stack: Stack) -> None:
    """Make the cluster when there is none, and give it this stack's configuration."""
    folder = cluster_folder(stack)
    if not (folder / "data" / "PG_VERSION").exists():
        _initialise(stack, folder)
    for name in ("postgresql.conf", "pg_hba.conf"):
        _hand_over(stack.run / name, folder / "data" / name)


def _initialise(stack: Stack, folder: Path) -> None:
    fresh, password = folder / "data.fresh", folder / "initdb.password"
    shutil.rmtree(fresh, ignore_errors=True)
    _hand_over(stack.secrets / "postgres-superuser.password", password)
    try:
        _as_account(
            [
                *(str(programs() / "initdb"), "-D", str(fresh), "-U", "superuser"),
                *("--pwfile", str(password), "--auth=scram-sha-256", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
            ],
            folder,
        )
    finally:
        password.unlink()
    fresh.rename(folder / "data")


def _as_account(command: list[str], folder: Path) -> None:
    who = account()
    root = os.geteuid() == 0
    done = subprocess.run(
        command,
        cwd=folder,
        user=who.uid if root else None,
        group=who.gid if root else None,
        extra_groups=[] if root else None,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise StackError(
            what=f"initdb failed: {last}", remedy="Nothing was kept; mend that, try again"
        )


def _hand_over(source: Path, target: Path) -> None:
    fresh = target.with_name(f".{target.name}.fresh")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(source.read_bytes())
    os.chown(fresh, account().uid, account().gid)
    fresh.replace(target)

"""Takes a backup: the databases as one state, then the bucket, the journal and the policy."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from deploy.native.base_backup import take_base_backup
from deploy.native.stack import Stack
from libs.backups.kept import DRAFT
from libs.backups.manifest import Manifest, sum_files, write_manifest
from libs.keyring.journal import verify_journal
from libs.policy.loader import SHIPPED, load_policy

CLUSTER, JOURNAL, POLICY = "postgres", "journal/erasures.jsonl", "policy/flux3d.toml"
BUCKET_FOLDERS = ("bucket", "bucket-metadata")
LEFT_OUT = ("keys", "secrets")
"""What no backup holds: with a copy of an epoch key, destroying that key would destroy nothing."""


def take_backup(stack: Stack, now: datetime) -> Manifest:
    """A new backup of a running stack; it has its name only once it is whole.

    Shape:  the bucket is copied after the databases, so every object that they name is there
            unless it was erased meanwhile; the journal last, so it goes at least as far.
            Kafka is not copied: its topics are filled again from the logs.
    Raises: StackError; JournalBroken: nothing was kept.
    """
    name = f"{now:%Y%m%dT%H%M%S.%fZ}"
    draft = stack.backups / f"{DRAFT}{name}"
    _clear(stack)
    draft.mkdir(parents=True, mode=0o700)
    take_base_backup(stack, draft / CLUSTER)
    for folder in BUCKET_FOLDERS:
        _copy_living(stack.home / folder, draft / folder)
    head = verify_journal(stack.journal)
    _copy_file(stack.journal, draft / JOURNAL)
    _copy_file(SHIPPED, draft / POLICY)
    policy = load_policy()
    manifest = Manifest(
        name=name,
        taken_at=now,
        kept_days=policy.terms.backups.count,
        policy_version=policy.version,
        policy_digest=policy.digest,
        journal=head,
        files=sum_files(draft),
    )
    write_manifest(draft, manifest)
    os.sync()
    draft.rename(stack.backups / name)
    return manifest


def _clear(stack: Stack) -> None:
    """Remove what earlier tries left half done."""
    for path in stack.backups.glob(f"{DRAFT}*"):
        shutil.rmtree(path)


def _copy_living(source: Path, target: Path) -> None:
    """Copy a folder in which objects come and go; one that goes meanwhile was erased."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_copy_if_there)


def _copy_if_there(source: str, target: str) -> str:
    try:
        return shutil.copy2(source, target)
    except FileNotFoundError:
        return target


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    if source.exists():
        shutil.copy2(source, target)

"""`flux3d restore`: bring a backup back, destroy again what was erased since, fill Kafka."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from deploy.native.stack import Stack
from libs.backups.kept import find_backup
from ops.backups.restoring import check, restore
from ops.confirmation import DryRun, Yes, confirm
from ops.options import spread
from ops.output import AsJson, show, table
from ops.stack_clock import last_clock


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What may be asked of a restore."""

    backup: Annotated[str | None, typer.Argument(help="Its name; without it, the newest.")] = None
    journal_of_backup: Annotated[
        bool,
        typer.Option(
            "--journal-of-backup",
            help="Every other copy of the journal is lost; erasures since the backup are unknown.",
        ),
    ] = False
    dry_run: DryRun = False
    yes: Yes = False
    as_json: AsJson = False


@spread(Asked)
def restore_backup(asked: Asked) -> None:
    """Put a backup in the place of what a stopped stack keeps, and open it when it may open.

    What was accepted after the backup was taken is gone. What was erased after it stays erased.
    """
    here = Stack.from_environment()
    stack = Stack(home=here.home, ports=here.ports, clock=last_clock(here))
    kept = find_backup(stack.backups, asked.backup)
    if asked.dry_run:
        manifest = check(stack, kept, journal_of_backup=False)
        found: dict[str, object] = {"backup": kept.name, "sound_files": len(manifest.files)}
    else:
        confirm(
            f"Put the backup of {kept.taken_at:%Y-%m-%d %H:%M:%S}Z in the place of {stack.home}?",
            yes=asked.yes,
        )
        found = asdict(restore(stack, kept, journal_of_backup=asked.journal_of_backup))
    show(found, as_json=asked.as_json, people=[table(("", ""), found.items())])

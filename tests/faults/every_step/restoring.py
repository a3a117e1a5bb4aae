"""The flow of a restore: a backup takes the place of a stopped stack, and the erased go again.

Of the stack only Postgres runs: what a restore puts in place, mends, destroys again and lets be
sent again lies in files and databases. That all parts come up over it is a journey of its own.
"""

import asyncio
from collections.abc import Callable
from unittest.mock import patch

from deploy.native import lifecycle
from deploy.native.failure import StackError
from deploy.native.readiness import ready
from deploy.native.stack import Stack
from deploy.native.supervision import Supervisor, wait_until
from libs.backups.kept import find_backup
from ops.backups import restoring
from tests.faults.every_step.calls import Befallen, Calls

READY_SECONDS = 60.0


async def restore(stack: Stack, _: object, calls: Calls) -> None:
    """Bring the newest backup back, as the command does."""
    kept = find_backup(stack.backups, None)
    with (
        patch.object(lifecycle, "up", _starting_postgres(calls)),
        patch.object(restoring, "wait_until_sent"),
        patch.object(restoring, "ServiceDoors"),
        calls.counted(),
    ):
        await asyncio.to_thread(restoring.restore, stack, kept, journal_of_backup=False)


def _starting_postgres(calls: Calls) -> Callable[..., None]:
    def up(stack: Stack, _: object = ()) -> None:
        try:
            number = calls.begin("up")
            with calls.uncounted():
                _start_postgres(stack)
            calls.end(number, "up")
        except Befallen as befallen:
            raise StackError(what=str(befallen), remedy="Try again") from None

    return up


def _start_postgres(stack: Stack) -> None:
    lifecycle._refuse_half_restored(stack)
    if not Supervisor(stack).is_up():
        Supervisor(stack).start()
    assert wait_until(lambda: ready(stack, "postgres"), seconds=READY_SECONDS)

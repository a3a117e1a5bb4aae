"""The flow of a backup: the whole stack is copied into a folder that gets its name at the end."""

from deploy.native.stack import Stack
from libs.events.clock import RealClock
from ops.backups.taking import take_backup
from tests.faults.every_step.calls import Calls


async def back_up(stack: Stack, _: object, calls: Calls) -> None:
    """Take a backup, as an operator who types the command again would."""
    with calls.counted():
        take_backup(stack, RealClock().now())

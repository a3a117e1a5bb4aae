"""The control: a text planted in every store in every encoding, to be found, and taken away.

Why: a scan that finds nothing proves only something if it would have found it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from deploy.native.stack import Stack
from ops.scan.canaries import Canary
from ops.scan.control_bucket import bucket_control
from ops.scan.control_files import file_controls
from ops.scan.control_kafka import kafka_control
from ops.scan.control_postgres import postgres_control
from ops.scan.expected import CONTROL_NAME, Expected
from ops.scan.specimens import specimens


class AnotherScan(Exception):
    """Another scan of this stack is under way, and there is one control at a time."""


@contextmanager
def _alone(stack: Stack) -> Iterator[None]:
    with (stack.run / f"{CONTROL_NAME}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherScan("Another scan of this stack is under way; wait for it") from error
        yield


@contextmanager
def planted(
    stack: Stack, canary: Canary, *, say: Callable[[str], None]
) -> Iterator[frozenset[Expected]]:
    """Plant the control in every store, say where a scan must find it, and take it away again.

    Raises: AnotherScan.
    """
    found = specimens(canary.text)
    with ExitStack() as undo:
        undo.enter_context(_alone(stack))
        expected: set[Expected] = set()
        for title, plant in (
            ("files", file_controls),
            ("Postgres", postgres_control),
            ("Kafka", kafka_control),
            ("the bucket", bucket_control),
        ):
            say(f"planting the control in {title}")
            expected |= undo.enter_context(plant(stack, found))
        yield frozenset(expected)
        say("taking the control away")

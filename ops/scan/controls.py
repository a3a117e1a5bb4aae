"""The control: a text planted in every store in every encoding, to be found, and taken away.

Why: a scan that finds nothing proves only something if it would have found it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from deploy.native.stack import Stack
from ops.scan.canaries import Canary
from ops.scan.control_bucket import bucket_control
from ops.scan.control_files import file_controls
from ops.scan.control_kafka import kafka_control
from ops.scan.control_postgres import postgres_control
from ops.scan.expected import Expected
from ops.scan.specimens import specimens


@contextmanager
def planted(
    stack: Stack, canary: Canary, *, say: Callable[[str], None]
) -> Iterator[frozenset[Expected]]:
    """Plant the control in every store, say where a scan must find it, and take it away again."""
    found = specimens(canary.text)
    with ExitStack() as undo:
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

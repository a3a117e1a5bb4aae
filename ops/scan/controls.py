"""The controls: a text and a key planted in every store in every encoding, and taken away after.

Why: a scan that finds nothing proves only something if it would have found it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from deploy.native.stack import Stack
from ops.scan.canaries import Canary
from ops.scan.control_bucket import bucket_control
from ops.scan.control_files import file_controls
from ops.scan.control_kafka import kafka_control
from ops.scan.control_memory import memory_control
from ops.scan.control_postgres import postgres_control
from ops.scan.expected import CONTROL_NAME, Expected
from ops.scan.memory import ENVIRONMENT, Memory, Process, processes
from ops.scan.metrics import metric_addresses, metrics_control
from ops.scan.specimens import Specimen, key_specimens, specimens


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


@dataclass(frozen=True, slots=True)
class Planted:
    """Where the controls are to be found, and what a scan has to look at beside the home."""

    expected: frozenset[Expected]
    metrics: tuple[str, ...]
    memory: tuple[Process, ...]


@contextmanager
def planted(
    stack: Stack, canaries: Sequence[Canary], whose: Memory, *, say: Callable[[str], None]
) -> Iterator[Planted]:
    """Plant the controls in every store, say where a scan must find them, and take them away again.

    Raises: AnotherScan.
    """
    found = [one for canary in canaries for one in _specimens(canary)]
    with ExitStack() as undo:
        undo.enter_context(_alone(stack))
        expected: set[Expected] = set()
        for title, plant in (
            ("files", file_controls),
            ("Postgres", postgres_control),
            ("Kafka", kafka_control),
            ("the bucket", bucket_control),
        ):
            say(f"planting the controls in {title}")
            expected |= undo.enter_context(plant(stack, found))
        address, in_metrics = undo.enter_context(metrics_control(found))
        holder, in_memory = undo.enter_context(memory_control(found))
        running = processes(stack, whose)
        own = {Expected(one.store, ENVIRONMENT) for one in running}
        yield Planted(
            expected=frozenset(expected | in_metrics | in_memory | own),
            metrics=(*metric_addresses(stack), address),
            memory=(*running, holder),
        )
        say("taking the controls away")


def _specimens(canary: Canary) -> list[Specimen]:
    return key_specimens(canary.key) if canary.key else specimens(canary.text)

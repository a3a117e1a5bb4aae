"""What a child process is told to do."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.every_step.calls import Calls, Fault

Run = Callable[[Any, Any, Calls], Coroutine[Any, Any, None]]
"""A flow: `run(ground, work, calls)`, which counts what it does inside `calls.counted()`."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One life of a child: what it does, on what ground, and what befalls it.

    Shape: files count below `folders`; counting ends with the call named `last`.
    """

    run: Run
    ground: Any
    work: Any
    trace: Path
    said: Path
    fault: Fault | None = None
    last: str | None = None
    folders: tuple[Path, ...] = ()

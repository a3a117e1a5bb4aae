"""Waiting for the parts of a stack, in sight and within a bound of time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from rich.progress import TaskID

from deploy.native.failure import StackError
from deploy.native.readiness import ready
from deploy.native.stack import Stack
from deploy.native.steps import console, shown

POLL_SECONDS = 0.1
LOG_LINES = 4


class Wait:
    """One bound of time for the whole start, one line of display per part."""

    def __init__(self, stack: Stack, names: tuple[str, ...], *, seconds: float) -> None:
        """Show the named parts as waiting."""
        self._stack = stack
        self._began = time.monotonic()
        self._seconds = seconds
        self._progress = shown()
        self._tasks = {name: self._progress.add_task(name, total=1, note="") for name in names}
        self._ready: set[str] = set()

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the display; the last state stays on screen."""
        self._progress.stop()

    def until_ready(self, names: tuple[str, ...]) -> None:
        """Return when every named part answers.

        Raises: StackError with the names of those that do not and the end of the first one's log.
        """
        while waiting := [name for name in names if name not in self._ready]:
            with ThreadPoolExecutor(len(waiting)) as pool:
                answers = dict(zip(waiting, pool.map(self._probe, waiting), strict=True))
            for name in (name for name, answered in answers.items() if answered):
                self._mark(name, self._tasks[name])
            if not all(answers.values()):
                self._refuse_when_late([name for name in waiting if name not in self._ready])
                time.sleep(POLL_SECONDS)

    def _probe(self, name: str) -> bool:
        return ready(self._stack, name)

    def _mark(self, name: str, task: TaskID) -> None:
        self._ready.add(name)
        self._progress.update(task, completed=1, note="ready")
        if not console.is_terminal:
            seconds = time.monotonic() - self._began
            console.print(f"{name}: ready after {seconds:.1f} s", highlight=False, soft_wrap=True)

    def _refuse_when_late(self, waiting: list[str]) -> None:
        if time.monotonic() - self._began < self._seconds:
            return
        raise StackError(
            what=f"Not ready after {self._seconds:.0f} s: {', '.join(waiting)}. "
            f"{waiting[0]} said last: {last_lines(self._stack, waiting[0])}",
            remedy=f"See make logs SERVICE={waiting[0]}; what runs was left running",
        )


def last_lines(stack: Stack, name: str) -> str:
    """The end of a part's log, in one line."""
    path = stack.logs / f"{name}.log"
    if not path.exists():
        return "nothing (it never started)"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    return " | ".join(line.strip() for line in lines) or "nothing"

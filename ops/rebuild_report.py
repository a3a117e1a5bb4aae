"""What a rebuild tells: a bar on its way, a row at its end, and a report that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.native.stack import Stack
from ops.output import stderr

DIGEST_CHARACTERS = 12
ROWS_NAMED = 2


class Bar:
    """A line for each view while it is rebuilt."""

    def __init__(self, progress: Progress) -> None:
        """Draw with `progress`."""
        self._progress = progress
        self._task = progress.add_task("", total=None, phase="", left="", visible=False)

    def begin(self, name: str) -> None:
        """The next view."""
        self._task = self._progress.add_task(name, total=None, phase="", left="")

    def advance(self, step: dict[str, Any]) -> None:
        """So far, and how long still."""
        left = step.get("seconds_left")
        self._progress.update(
            self._task,
            completed=step.get("read", 0),
            total=step.get("total") or None,
            phase=step["phase"],
            left=f"{left:.0f} s left" if left else "",
        )


@contextmanager
def shown_progress() -> Iterator[Bar]:
    """A bar on stderr, where somebody watches."""
    console = stderr()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    told = (TextColumn("{task.fields[phase]}"), TextColumn("{task.fields[left]}"))
    with Progress(*columns, *told, console=console, disable=not console.is_terminal) as progress:
        yield Bar(progress)


def keep_report(stack: Stack, now: datetime, found: list[dict[str, Any]]) -> Path:
    """Write what was found where the stack keeps its reports; none is ever overwritten."""
    folder = stack.home / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    content = msgspec.json.format(msgspec.json.encode({"at": now, "items": found}))
    for number in count(1):
        path = folder / f"replay-{now:%Y%m%dT%H%M%S}-{number}.json"
        try:
            with path.open("xb") as file:
                file.write(content + b"\n")
        except FileExistsError:
            continue
        return path
    raise AssertionError


def row(one: dict[str, Any]) -> tuple[Any, ...]:
    """One view for people."""
    digest = (one.get("digest_rebuilt") or "")[:DIGEST_CHARACTERS]
    rows = (one.get("rows_live"), one.get("rows_rebuilt"), digest)
    return (one["service"], one.get("view"), one.get("read"), *rows, _verdict(one))


def _verdict(one: dict[str, Any]) -> str:
    if one["phase"] == "failed":
        return f"failed: {one['detail']}"
    if one["equal"] is None:
        return _counts(one)
    named = one["differing"][:ROWS_NAMED]
    more = len(one["differing"]) - len(named)
    differs = f"differs: {' | '.join(named)}" + (f" and {more} more" if more else "")
    verdict = "equal" if one["equal"] else differs
    return f"{verdict}, switched" if one["switched"] else verdict


def _counts(one: dict[str, Any]) -> str:
    heard = ", ".join(f"{count} {name}" for name, count in one["heard"].items()) or "none"
    ignored = sum(one["not_heard"].values())
    left_out = "".join(f"; {count} {why}" for why, count in one["left_out"].items())
    return f"heard: {heard}; not heard: {ignored}{left_out}"

"""What may be asked of a rebuild, and what it tells on its way."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from libs.events.errors import Refused

Mode = Literal["dry-run", "verify", "switch"]
Phase = Literal["counting", "reading", "paused", "catching up", "done"]


class ReplayRefused(Refused):
    """The rebuild cannot begin or go on; the live view is as it was."""

    title = "The rebuild was refused; the live view is as it was."


class ReplayCancelled(ReplayRefused):
    """Somebody cancelled the rebuild, or nobody listened any more."""

    title = "The rebuild was cancelled; the live view is as it was."


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which facts are counted: of one record, of a span of time, of a stretch of a partition.

    Shape: `since` is in, `until` is out; `from_offset` is in, `to_offset` is out.
    """

    record: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    partition: int | None = None
    from_offset: int | None = None
    to_offset: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self == Scope()

    def check(self, mode: Mode) -> None:
        """Refuse a scope that says nothing sensible.

        Raises: ReplayRefused.
        """
        if mode != "dry-run" and not self.is_whole:
            _refuse("a view is rebuilt from all of its facts; only a dry run takes a scope")
        if self.since and self.until and self.since >= self.until:
            _refuse("the span of time ends before it begins")
        has_offset = self.from_offset is not None or self.to_offset is not None
        if has_offset and self.partition is None:
            _refuse("offsets count within a partition; say which")
        if self.to_offset is not None and (self.from_offset or 0) >= self.to_offset:
            _refuse("the stretch of offsets ends before it begins")

    def stretch(self, partition: int, beginning: int, end: int) -> tuple[int, int] | None:
        """The offsets to read of a partition that holds these; none when it is left out.

        Raises: ReplayRefused, when the stretch asked for lies outside.
        """
        if self.partition is None:
            return beginning, end
        if self.partition != partition:
            return None
        first = beginning if self.from_offset is None else self.from_offset
        last = end if self.to_offset is None else self.to_offset
        if first < beginning or last > end or first > end:
            _refuse(f"partition {partition} holds the offsets {beginning} to {end}")
        return first, last


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A rebuild that was asked for.

    Units: `messages_per_second` bounds what is read; none reads as fast as it goes.
    """

    view: str
    mode: Mode = "verify"
    messages_per_second: float | None = None
    scope: Scope = Scope()


class ReplayProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a rebuild has come, and at its end what was found.

    Shape: `left_out` counts by reason what was not folded, `differing` names rows by their keys
    and never shows their content.
    Units: seconds and messages per second of real time, pauses left out.
    """

    id: str
    view: str
    mode: Mode
    phase: Phase
    read: int = 0
    total: int = 0
    seconds: float = 0.0
    messages_per_second: float | None = None
    seconds_left: float | None = None
    heard: dict[str, int] = {}
    left_out: dict[str, int] = {}
    not_heard: dict[str, int] = {}
    rows_live: int | None = None
    rows_rebuilt: int | None = None
    digest_live: str | None = None
    digest_rebuilt: str | None = None
    equal: bool | None = None
    differing: tuple[str, ...] = ()
    switched: bool = False


def _refuse(why: str) -> None:
    raise ReplayRefused(why)

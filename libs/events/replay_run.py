"""One rebuild under way: how far it has come, what it found, and the hand on it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from libs.events.recorded import Recorded
from libs.events.replay_hand import Hand
from libs.events.replay_seen import Seen
from libs.events.replay_shadow import Found
from libs.events.replay_wanted import Phase, ReplayProgress, Wanted
from libs.events.view import View


class Run:
    """One rebuild under way: what it found so far, and the hand on it."""

    def __init__(self, run_id: str, wanted: Wanted) -> None:
        """Nothing was read yet."""
        self.id = run_id
        self.wanted = wanted
        self.hand = Hand(wanted.messages_per_second)
        self.changed = asyncio.Event()
        self._phase: Phase = "counting" if wanted.mode == "dry-run" else "reading"
        self._read = self._total = 0
        self._heard: Counter[str] = Counter()
        self._not_heard: Counter[str] = Counter()
        self._found: Found | None = None
        self.seen = Seen()
        self.task: asyncio.Task[None] | None = None

    def begin(self, total: int) -> None:
        """So many messages are to be read."""
        self._total = total
        self.changed.set()

    def add(self, messages: int, facts: Sequence[Recorded], view: View[Any]) -> None:
        """So many messages more were read, these facts among them not read before."""
        self._read += messages
        for fact in facts:
            counts = self._heard if type(fact.event) in view.hears else self._not_heard
            counts[fact.name] += 1
        self.changed.set()

    def enter(self, phase: Phase, found: Found | None = None) -> None:
        """The next phase has begun."""
        self._phase, self._found = phase, found
        self.changed.set()

    def progress(self) -> ReplayProgress:
        """How far it has come."""
        is_paused = self.hand.is_paused and self._phase != "done"
        seconds = self.hand.seconds
        speed = self._read / seconds if self._read and seconds else None
        left = (self._total - self._read) / speed if speed and not is_paused else None
        return ReplayProgress(
            id=self.id,
            view=self.wanted.view,
            mode=self.wanted.mode,
            phase="paused" if is_paused else self._phase,
            read=self._read,
            total=self._total,
            seconds=round(seconds, 3),
            messages_per_second=round(speed, 1) if speed else None,
            seconds_left=None if left is None else round(left, 1),
            heard=dict(self._heard.most_common()),
            not_heard=dict(self._not_heard.most_common()),
            left_out=dict(self.seen.left_out.most_common()),
            **(asdict(self._found) if self._found else {}),
        )

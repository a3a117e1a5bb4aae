"""F02 at intake: killed at any call, a request is kept once or not at all, and asked again once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.every_step.conftest import SweepThrough
from tests.faults.every_step.intake import take_in
from tests.faults.every_step.parts import Parts, Sight
from tests.faults.every_step.sweep import Flow
from tests.faults.extent import Extent


@dataclass
class Looking:
    """What is to be found when each piece of work is done."""

    sight: Sight
    done: int = 0
    letters: dict[Path, str] = field(default_factory=dict)

    async def prepare(self, count: int) -> Sequence[str]:
        """So many idempotency keys that nobody used."""
        return [str(uuid4()) for _ in range(count)]

    async def check(self, _: str) -> None:
        """One more request than before, with its view, its answer, its key and its letter."""
        self.done += 1
        asked = await self.sight.rows("quotes", "list_facts", "QuoteRequested")
        assert len(asked) == self.done
        assert await self.sight.rows("quotes", "list_answers") == [(self.done,)]
        assert await self.sight.rows("quotes", "count_effects") == [(0,)]
        assert await self.sight.rows("quotes", "count_unsent") == [(self.done,)]
        records = {record for record, _, _ in asked}
        assert {one for (one,) in await self.sight.rows("quotes", "list_quotes")} == records
        assert records <= await self.keys()
        assert str(asked[-1][1]) in self._letters_sent()

    async def keys(self) -> set[object]:
        """The records that have a key."""
        return {one for (one,) in await self.sight.rows("keyring", "list_keys", "quote")}

    def _letters_sent(self) -> set[str]:
        """The ids of the letters in the mailbox; the same id twice is the same letter."""
        for path in self.sight.parts.stack.mailbox.glob("*.eml"):
            if path not in self.letters:
                letter = message_from_bytes(path.read_bytes())
                self.letters[path] = str(letter["Message-ID"]).strip("<>").partition("@")[0]
        return set(self.letters.values())


@pytest.mark.timeout(600)
async def test_f02_intake_killed_at_every_call(
    parts: Parts, sight: Sight, sweep_through: SweepThrough, extent: Extent
) -> None:
    """F02: asked again after a kill anywhere, a request is there once, with one letter's id."""
    looking = Looking(sight)
    flow = Flow(
        name="intake",
        run=take_in,
        ground=parts,
        prepare=looking.prepare,
        check=looking.check,
        heal=sight.end_leases,
    )
    await sweep_through(flow, 2)
    extra = len(await looking.keys()) - looking.done
    extent.saw(f"{extra} keys were left over without a record")

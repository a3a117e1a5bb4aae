"""A process whose gate opened goes on looking, and knows an outage from a restored state."""

import asyncio
from collections.abc import Iterator
from errno import EMFILE
from pathlib import Path

import pytest

from libs.keyring.gate import GateShut
from libs.keyring.journal import Head, Journal
from libs.keyring.openings import KeyringUnavailable
from libs.keyring.testing.memory_journal import MemoryMark
from libs.runtime import gate
from libs.runtime.gate import Gate
from tests.unit.libs.keyring.journals import AT, fact


class Trouble(MemoryMark):
    """A mark that cannot be read for a while."""

    def __init__(self, troubles: Iterator[Exception]) -> None:
        """Raise these, one at each look."""
        super().__init__()
        self.looks = 0
        self._troubles = troubles

    async def read(self) -> Head:
        """What is due, or the mark."""
        self.looks += 1
        for trouble in self._troubles:
            raise trouble
        return await super().read()


@pytest.fixture(autouse=True)
def without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits ten seconds."""
    monkeypatch.setattr(gate, "LOOK_AGAIN_SECONDS", 0.0)


async def test_an_outage_changes_nothing_and_is_looked_at_again(tmp_path: Path) -> None:
    """A keyring that is away, and a machine without a descriptor left, shut no gate."""
    mark = Trouble(iter([KeyringUnavailable("away"), OSError(EMFILE, "Too many open files")]))
    one = Gate(mark, tmp_path / "erasures.jsonl")
    one.is_open = True
    looking = asyncio.create_task(one.look_again())
    async with asyncio.timeout(10):
        while mark.looks < 4:  # noqa: ASYNC110 - a thread reads the journal in between
            await asyncio.sleep(0)
    assert one.is_open
    assert not looking.done()
    looking.cancel()


async def test_a_restored_state_shuts_the_gate_and_ends_the_process(tmp_path: Path) -> None:
    """A line that this keyring has not done is seen at the next look."""
    path = tmp_path / "erasures.jsonl"
    one = Gate(MemoryMark(), path)
    await one.probe()
    Journal(path).append(fact(1), written_at=AT)
    with pytest.raises(GateShut):
        await one.look_again()
    assert not one.is_open

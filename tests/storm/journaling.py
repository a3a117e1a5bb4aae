"""I12: the erasure journal is whole, only ever grew, and tells what retention's facts tell."""

from collections.abc import Sequence
from pathlib import Path

from libs.keyring.journal import Head, JournalBroken, verify_journal
from tests.storm.dumps import Dump
from tests.storm.verdict import Verdict


def check_journal(dump: Dump, path: Path, heads: Sequence[Head]) -> Verdict:
    """Every line follows the one before; every head that was seen is still met; one line a fact."""
    verdict = Verdict("I12", "the journal only grew, and has each erasure once")
    verdict.checked += len(heads)
    broken = dump.journal.broken
    try:
        verify_journal(path, *heads)
    except JournalBroken as error:
        broken = str(error)
    verdict.demand(broken is None, str(broken))
    for event_id, places in dump.erased_by.items():
        told = dump.journal.lines.get(event_id)
        verdict.demand(told == places, f"{event_id} erased {sorted(places)}, journaled is {told}")
    for event_id in dump.journal.lines.keys() - dump.erased_by.keys():
        verdict.demand(holds=False, otherwise=f"the journal tells {event_id}, and no fact does")
    return verdict

"""I11: what counts as chosen is what was said last."""

from collections.abc import Iterable

from tests.storm.dumps import Choice, Dump
from tests.storm.verdict import Verdict

CONSENT = "consent"


def check_choices(dump: Dump) -> Verdict:
    """Each visitor's choices are those of their last fact; who was erased has none.

    Shape: no act of marketing is looked for, because the product makes none yet.
    """
    verdict = Verdict("I11", "what counts as chosen is what was said last")
    last = _newest(dump.choices)
    now = _newest(dump.choices_now)
    for record in last.keys() | now.keys():
        wanted = None if (record, CONSENT) in dump.erased else last.get(record)
        verdict.demand(now.get(record) == wanted, f"{record} counts as {now.get(record)}")
    return verdict


def _newest(choices: Iterable[Choice]) -> dict[str, Choice]:
    newest: dict[str, Choice] = {}
    for one in choices:
        if one.record not in newest or newest[one.record].version < one.version:
            newest[one.record] = one
    return newest

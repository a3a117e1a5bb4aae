"""I13, I20, D15: what the doors answered while the storm raged."""

from tests.storm.history import Heard
from tests.storm.verdict import Verdict


def check_answers(heard: Heard) -> Verdict:
    """I13: equal requests got equal answers, and what was written was seen at once."""
    verdict = Verdict("I13", "equal requests get equal answers, writes are seen at once")
    verdict.checked = heard.repeats + heard.looks
    verdict.violations = [*heard.unequal_answers, *heard.unseen_writes]
    return verdict


def check_doors(heard: Heard) -> Verdict:
    """A door whose ground is gone says so and when to come back; it never breaks."""
    verdict = Verdict("D15", "a door in trouble answers 503 and nothing worse")
    verdict.checked = heard.answers
    verdict.violations = list(heard.broken_doors)
    return verdict


def check_strangers(heard: Heard) -> Verdict:
    """Who is known gets the answer of who is not: the same status, headers and length.

    Shape: how long an answer takes is measured elsewhere, on a quiet machine.
    """
    verdict = Verdict("I20", "the known and the unknown are answered alike")
    known, unknown = heard.faces["known"], heard.faces["unknown"]
    verdict.checked = min(known.total(), unknown.total())
    for face in known.keys() ^ unknown.keys():
        whose = "the known" if face in known else "the unknown"
        verdict.demand(holds=False, otherwise=f"only {whose} are answered with {face}")
    return verdict

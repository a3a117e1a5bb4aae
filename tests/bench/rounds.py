"""Runs the rounds of a contest: both sides by turns, on a machine that keeps its pace."""

import gc
from collections.abc import Callable

from tests.bench.contest import Contest, Result, Round, Side
from tests.bench.machine import probe_seconds
from tests.bench.slices import Slice

SWING_MAX = 2.5
TRIES_PER_ROUND = 3

Tell = Callable[[str], None]


class UnsteadyMachine(RuntimeError):
    """The machine's pace swung too much inside a round, again and again; nothing was concluded."""


async def run_contest(contest: Contest, *, rounds: int, seconds: float, tell: Tell) -> Result:
    """All rounds of a contest; a round in which the machine swung is thrown away and done anew.

    Raises: UnsteadyMachine, when too many rounds had to be thrown away.
    """
    kept: list[Round] = []
    thrown_away = 0
    while len(kept) < rounds:
        # Who begins changes from round to round, so that neither always finds the machine warm.
        one = await _run_round(contest, seconds, subject_first=len(kept) % 2 == 0)
        if one.swing <= SWING_MAX:
            kept.append(one)
            tell(_line(contest, len(kept), one))
        else:
            thrown_away += 1
            tell(f"{contest.goal} round thrown away: the machine swung {one.swing:.1f} times")
        if thrown_away > rounds * TRIES_PER_ROUND:
            message = f"{contest.goal} {contest.row}: {thrown_away} rounds thrown away"
            raise UnsteadyMachine(message)
    return Result(contest=contest, rounds=kept, thrown_away=thrown_away)


async def _run_round(contest: Contest, seconds: float, *, subject_first: bool) -> Round:
    sides = {"subject": contest.subject, "yardstick": contest.yardstick}
    order = list(sides) if subject_first else list(reversed(sides))
    probes = [probe_seconds()]
    done: dict[str, Slice] = {}
    for name in order:
        done[name] = await _run_side(sides[name], seconds)
        probes.append(probe_seconds())
    return Round(
        subject=done["subject"],
        yardstick=done["yardstick"],
        swing=max(probes) / min(probes),
    )


async def _run_side(side: Side, seconds: float) -> Slice:
    gc.collect()
    return await side(seconds)


def _line(contest: Contest, number: int, one: Round) -> str:
    subject, yardstick = contest.figure(one.subject), contest.figure(one.yardstick)
    return (
        f"{contest.goal} {contest.row}, round {number}: {subject:,.4g} beside {yardstick:,.4g}"
        f" {contest.unit}, ratio {contest.ratio(one.subject, one.yardstick):.2f}"
    )

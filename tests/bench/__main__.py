"""`make bench`: every goal beside its yardstick; ends with 1 when one that must be met is not."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.bench import report
from tests.bench.contest import Result
from tests.bench.goals import GOALS
from tests.bench.place import Place, bench_place
from tests.bench.rounds import run_contest

ROUNDS, SECONDS = 7, 3.0


def main() -> None:
    """Read the options, measure, tell, keep the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="goals, separated by commas", default="")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--keep", action="store_true", help="write results, table and chart")
    options = parser.parse_args()
    names = [one for one in options.only.upper().split(",") if one] or list(GOALS)
    with bench_place() as place:
        results = asyncio.run(measure(place, names, options.rounds, options.seconds))
    _say("\n".join(report.lines(results)))
    if options.keep:
        report.keep(results)
    sys.exit(0 if all(one.holds for one in results) else 1)


async def measure(place: Place, names: Sequence[str], rounds: int, seconds: float) -> list[Result]:
    """All rounds of all contests of these goals, one goal after the other."""
    results: list[Result] = []
    for name in names:
        async with GOALS[name](place) as contests:
            for contest in contests:
                one = await run_contest(contest, rounds=rounds, seconds=seconds, tell=_say)
                results.append(one)
    return results


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

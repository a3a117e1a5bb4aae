"""`make bench`: every goal beside its yardstick; ends with 1 when one that must be met is not."""

import argparse
import sys

import uvloop

from tests.bench import report
from tests.bench.contest import Result
from tests.bench.goals import GOALS
from tests.bench.load import NotServed
from tests.bench.place import Place, bench_place
from tests.bench.rounds import UnsteadyMachine, run_contest

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
    results: list[Result] = []
    missing = 0
    with bench_place() as place:
        for name in names:
            try:
                found = uvloop.run(measure(place, name, options.rounds, options.seconds))
            except (UnsteadyMachine, NotServed) as error:
                _say(f"{name} was not measured: {error}")
                missing += 1
                continue
            results += found
            if options.keep:
                report.keep(found)
    _say("\n".join(report.lines(results)))
    sys.exit(1 if missing or not all(one.holds for one in results) else 0)


async def measure(place: Place, name: str, rounds: int, seconds: float) -> list[Result]:
    """All rounds of all contests of a goal, one after the other.

    Raises: UnsteadyMachine; NotServed, when a door answered with something else.
    """
    async with GOALS[name](place) as contests:
        return [
            await run_contest(contest, rounds=rounds, seconds=seconds, tell=_say)
            for contest in contests
        ]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""`make storm SEED=… MINUTES=… OPERATIONS=…`: one storm on a stack of its own; 0 when it won."""

import argparse
import asyncio
import logging
import sys

import uvloop

from tests.storm.course import Plan, storm, storm_stack

CLIENTS = 48
MINUTES, MINUTES_MAX = 10.0, 600.0
"""How long a storm lasts that is told nothing, and one that is told how many operations to do."""


def main() -> None:
    """Read the options, storm, tell, and say by the exit code whether everything held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="how long at most")
    parser.add_argument("--operations", type=int, help="end after so many")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    asked = parser.parse_args()
    # Its complaints of a broker that we killed are expected, and told by the checkers if they last.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    minutes = asked.minutes or (MINUTES_MAX if asked.operations else MINUTES)
    plan = Plan.drawn(asked.seed, minutes * 60, asked.clients, asked.operations)
    with (
        storm_stack(f"{asked.seed}") as stack,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        report = runner.run(storm(stack, plan, tell))
    tell("\n".join(report.lines()))
    sys.exit(0 if report.holds else 1)


def tell(text: str) -> None:
    """Say it at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""`make storm SEED=… MINUTES=…`: one storm on a stack of its own; ends with 1 when it won."""

import argparse
import asyncio
import logging
import sys

from tests.storm.course import Plan, storm, storm_stack
from tests.storm.report import Report


def main() -> None:
    """Read the options, storm, tell, and say by the exit code whether everything held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=32)
    options = parser.parse_args()
    # Its complaints of a broker that we killed are expected, and told by the checkers if they last.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    plan = Plan.drawn(options.seed, options.minutes * 60, options.clients)
    with storm_stack(f"{options.seed}") as stack:
        report = asyncio.run(storm(stack, plan))
    tell(report)
    sys.exit(0 if report.holds else 1)


def tell(report: Report) -> None:
    """Print the report."""
    sys.stdout.write("\n".join(report.lines()) + "\n")


if __name__ == "__main__":
    main()

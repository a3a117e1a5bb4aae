"""`--whole` takes every fault as far as it goes and writes the table; else the short form."""

import os
from collections.abc import Iterator

import pytest

from deploy.native.stack import CHECKOUT
from tests.faults import table
from tests.faults.extent import SEEN, Extent
from tests.faults.whole_stack import Whole, whole_stack


@pytest.fixture
def extent(request: pytest.FixtureRequest) -> Extent:
    """How far this run takes the fault, and where it says what it saw."""
    whole = bool(request.config.getoption("--whole"))
    return Extent(whole, lambda name, said: request.node.user_properties.append((name, said)))


@pytest.fixture(scope="session")
def whole() -> Iterator[Whole]:
    """One whole stack for all tests of this process; each mends what it broke."""
    with whole_stack(CHECKOUT / f".local-faults-{os.getpid()}") as made:
        yield made


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what each fault came to; a whole run writes it down."""
    found = [
        one
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        if (one := _row(report, outcome))
    ]
    if not found or not config.getoption("--whole"):
        return
    terminalreporter.section("faults")
    for line in table.lines(found):
        terminalreporter.line(line)
    table.write(found)


def _row(report: pytest.TestReport, outcome: str) -> table.Row | None:
    name = report.nodeid.rpartition("::")[2]
    return table.row(
        name, outcome, (str(said) for key, said in report.user_properties if key == SEEN)
    )

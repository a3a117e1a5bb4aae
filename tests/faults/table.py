"""The table of faults in tests/README.md, written from a whole run and never by hand."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.marked_text import between, put_between

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
NUMBERED = re.compile(r"test_(f\d\d)_(\w+)")


@dataclass(frozen=True, order=True)
class Row:
    """One fault as it was tried."""

    number: str
    fault: str
    outcome: str
    seen: str

    @property
    def test(self) -> str:
        """The name of the test."""
        return f"test_{self.number.lower()}_{self.fault.replace(' ', '_')}"


def read_rows(text: str) -> list[Row]:
    """The rows of a table in a text, whatever else stands there."""
    return [it for line in text.splitlines() if (it := _parsed(line))]


def row(test: str, outcome: str, seen: Iterable[str]) -> Row | None:
    """The row of a test, when its name carries the number of a fault."""
    named = NUMBERED.match(test)
    if named is None:
        return None
    said = "; ".join(seen).replace("|", "/") or "held"
    return Row(named[1].upper(), named[2].replace("_", " "), outcome, said)


def lines(rows: Iterable[Row]) -> list[str]:
    """The table in Markdown."""
    head = ["| fault | what was done | outcome | seen |", "|---|---|---|---|"]
    body = (f"| {it.number} | {it.fault} | {it.outcome} | {it.seen} |" for it in sorted(rows))
    return [*head, *body]


def write(rows: Iterable[Row], readme: Path = README) -> None:
    """Put the table between its two marks; faults that this run left out keep what was seen."""
    found = list(rows)
    tried = {(it.number, it.fault) for it in found}
    earlier = read_rows(between(readme, BEGIN, END))
    kept = (it for it in earlier if (it.number, it.fault) not in tried)
    put_between(readme, BEGIN, END, "\n".join(lines([*kept, *found])))


def _parsed(line: str) -> Row | None:
    cells = [cell.strip() for cell in line.strip("| \n").split(" | ")]
    return Row(*cells) if re.fullmatch(r"F\d\d", cells[0]) else None

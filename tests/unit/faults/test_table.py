"""The table of faults is made of what a run saw."""

from pathlib import Path

from tests.faults import table


def test_the_table_stands_between_its_marks(tmp_path: Path) -> None:
    """What stands around the table stays, and an old table goes."""
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", encoding="utf-8")
    rows = [
        table.row("test_f25_postgres_killed", "passed", ["12 kills", "0 lost"]),
        table.row("test_f01_service_killed[quotes]", "failed", ["a | b"]),
    ]
    table.write([row for row in rows if row], readme)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    first, second = [line for line in text.splitlines() if line.startswith("| F")]
    assert first == "| F01 | service killed | failed | a / b |"
    assert second == "| F25 | postgres killed | passed | 12 kills; 0 lost |"


def test_what_has_no_number_is_no_fault() -> None:
    """A test without a fault's number has no row."""
    assert table.row("test_the_table_stands_between_its_marks", "passed", []) is None

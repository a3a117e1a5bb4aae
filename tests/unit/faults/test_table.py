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


def test_a_part_of_the_faults_leaves_the_rest_of_the_table(tmp_path: Path) -> None:
    """A fault that was not tried this time keeps what was seen of it; one that was is told anew."""
    readme = tmp_path / "README.md"
    readme.write_text(f"{table.BEGIN}\n{table.END}", encoding="utf-8")
    first = [
        table.row("test_f01_service_killed", "failed", ["1 lost"]),
        table.row("test_f14_kafka_killed", "passed", ["3 kills"]),
    ]
    table.write([row for row in first if row], readme)
    second = table.row("test_f01_service_killed", "passed", ["0 lost"])
    assert second is not None
    table.write([second], readme)
    assert [line for line in readme.read_text().splitlines() if line.startswith("| F")] == [
        "| F01 | service killed | passed | 0 lost |",
        "| F14 | kafka killed | passed | 3 kills |",
    ]


def test_what_has_no_number_is_no_fault() -> None:
    """A test without a fault's number has no row."""
    assert table.row("test_the_table_stands_between_its_marks", "passed", []) is None

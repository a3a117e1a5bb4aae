"""A contest is decided by the middle of its rounds, on a machine that keeps its pace."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import report, rounds
from tests.bench.chart import draw
from tests.bench.contest import Contest, Result, Round, Side
from tests.bench.report import lines
from tests.bench.slices import Slice, p50, together


def side(operations: int) -> Side:
    """A side that always does as much."""

    async def work(seconds: float) -> Slice:
        return Slice(operations=operations, seconds=seconds)

    return work


CONTEST = Contest(
    goal="G1",
    row="ours",
    yardstick_is="theirs",
    subject=side(300),
    yardstick=side(200),
    must=1.0,
    wanted=1.5,
)


async def test_both_sides_run_in_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ratio is that of the two rates, whoever began."""
    monkeypatch.setattr(rounds, "probe_seconds", lambda: 1.0)
    told: list[str] = []
    result = await rounds.run_contest(CONTEST, rounds=3, seconds=2.0, tell=told.append)
    assert result.ratios == [1.5, 1.5, 1.5]
    assert result.holds
    assert result.reaches_goal
    assert len(told) == 3


async def test_a_machine_that_swings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round whose ground moved says nothing, and where all do so nothing is concluded."""
    probes = iter([1.0, 3.0, 1.0] * 100)
    monkeypatch.setattr(rounds, "probe_seconds", lambda: next(probes))
    with pytest.raises(rounds.UnsteadyMachine):
        await rounds.run_contest(CONTEST, rounds=2, seconds=1.0, tell=lambda _: None)


async def test_one_bad_round_is_done_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that swung is thrown away and counted, and its place is filled."""
    probes = iter([1.0, 3.0, 1.0] + [1.0] * 100)
    monkeypatch.setattr(rounds, "probe_seconds", lambda: next(probes))
    result = await rounds.run_contest(CONTEST, rounds=2, seconds=1.0, tell=lambda _: None)
    assert (len(result.rounds), result.thrown_away) == (2, 1)


def _result(contest: Contest, *operations: int) -> Result:
    yardstick = Slice(operations=100, seconds=1.0)
    found = [
        Round(subject=Slice(operations=one, seconds=1.0), yardstick=yardstick, swing=1.0)
        for one in operations
    ]
    return Result(contest=contest, rounds=found)


def test_the_middle_round_decides() -> None:
    """One lucky round does not make a goal."""
    result = _result(CONTEST, 90, 90, 900)
    assert result.ratio == pytest.approx(0.9)
    assert not result.holds


def test_a_cost_is_to_be_low() -> None:
    """Where less is better, the lines are above."""
    cost = replace(CONTEST, at_least=False, must=2.0, wanted=1.5)
    assert _result(cost, 180).holds
    assert not _result(cost, 180).reaches_goal
    assert not _result(cost, 210).holds


def test_the_table_marks_what_is_missed() -> None:
    """A row that misses what it must be is told from one that only misses its goal."""
    missed, met, reached = (_result(CONTEST, figure) for figure in (90, 120, 160))
    marks = [line.split("|")[4].split()[0] for line in lines([missed, met, reached])[2:]]
    assert marks == ["✗", "(✓)", "✓"]


def test_a_goal_measured_alone_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one run measured is written over what was known of that goal, and of no other."""
    readme, _ = _documents(tmp_path, monkeypatch)
    report.keep([_result(CONTEST, 90), _result(replace(CONTEST, goal="G2"), 160)])
    report.keep([_result(CONTEST, 120)])
    rows = [line for line in readme.read_text(encoding="utf-8").splitlines() if "| G" in line]
    assert ["1.20" in rows[0], "1.60" in rows[1], len(rows)] == [True, True, 2]


def test_people_meet_one_row_of_each_goal_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README at the top has the first row of each goal, in their order, and no other."""
    _, front = _documents(tmp_path, monkeypatch)
    other = replace(CONTEST, goal="G2")
    report.keep([_result(other, 160), _result(CONTEST, 90), _result(CONTEST, 120)])
    rows = [line for line in front.read_text(encoding="utf-8").splitlines() if "| G" in line]
    assert [row.split("|")[4].strip() for row in rows] == ["✗ 0.90", "✓ 1.60"]


def _documents(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The benches' README and the one at the top, both still without a table."""
    places = {name: folder / name for name in ("README", "FRONT", "RESULTS", "CHART")}
    for name, place in places.items():
        monkeypatch.setattr(report, name, place)
    for name in ("README", "FRONT"):
        empty = f"before\n{report.BEGIN}\n{report.END}\nafter\n"
        places[name].write_text(empty, encoding="utf-8")
    return places["README"], places["FRONT"]


def test_the_chart_names_every_row() -> None:
    """Each row has its bar and its figure."""
    row = {
        "goal": "G1",
        "row": "a < b",
        "ratio": 1.25,
        "must": 1.0,
        "wanted": 1.5,
        "at_least": True,
    }
    drawn = draw([row])
    assert "G1 a &lt; b" in drawn
    assert "1.25" in drawn


def test_a_slice_of_one_step_has_a_middle() -> None:
    """Two thousand records in one step are one latency, which is also the middle one."""
    assert p50(Slice(operations=2000, seconds=0.5, latencies_seconds=[0.5])) == 0.5


def test_slices_of_a_side_add_up() -> None:
    """Short slices one after the other count as one: all operations in all their seconds."""
    few = Slice(operations=100, seconds=1.0, server_cpu_seconds=0.5, latencies_seconds=[0.1])
    many = Slice(operations=500, seconds=2.0, client_cpu_seconds=0.3, latencies_seconds=[0.2])
    both = together([few, many])
    assert (both.rate, list(both.latencies_seconds)) == (200.0, [0.1, 0.2])
    assert (both.client_cpu_seconds, both.server_cpu_seconds) == (0.3, 0.5)

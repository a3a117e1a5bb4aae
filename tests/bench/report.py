"""What the benches came to: lines for people, JSON for machines, the table, the chart."""

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.chart import draw
from tests.bench.contest import Result
from tests.bench.slices import Slice
from tests.marked_text import put_between

FOLDER = Path(__file__).parent
README, RESULTS, CHART = FOLDER / "README.md", FOLDER / "results.json", FOLDER / "chart.svg"
FRONT = FOLDER.parents[1] / "README.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
SHORT_COLUMNS = ("goal", "what", "beside", "ratio", "must", "goal is")
COLUMNS = ("goal", "what", "beside", "ratio", "spread", "must", "goal is", "figures", "CPU µs each")


def lines(results: Sequence[Result]) -> list[str]:
    """The table in Markdown."""
    return _table(COLUMNS, map(_cells, results))


def keep(results: Sequence[Result]) -> None:
    """Write JSON, tables and chart; goals that were not measured keep what was known of them."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    measured = {one.contest.goal for one in results}
    rows = [one for one in known.get("rows", []) if one["goal"] not in measured]
    rows = sorted([*rows, *map(_row, results)], key=lambda one: _order(str(one["goal"])))
    RESULTS.write_text(json.dumps({"rows": rows}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    show(rows)


def show(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the whole table, the short one that people meet first, and the chart."""
    put_between(README, BEGIN, END, "\n".join(_table(COLUMNS, (one["cells"] for one in rows))))
    put_between(FRONT, BEGIN, END, "\n".join(_table(SHORT_COLUMNS, map(_short, _firsts(rows)))))
    CHART.write_text(draw(rows), encoding="utf-8")


def _firsts(rows: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """The first row of each goal."""
    return reversed({one["goal"]: one for one in reversed(rows)}.values())


def _short(one: Mapping[str, Any]) -> list[str]:
    cells = dict(zip(COLUMNS, one["cells"], strict=True))
    return [cells[name] for name in SHORT_COLUMNS]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    head = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    return [*head, *(f"| {' | '.join(cells)} |" for cells in rows)]


def _order(goal: str) -> tuple[int, str]:
    digits = "".join(one for one in goal if one.isdigit())
    return int(digits), goal


def _cells(one: Result) -> list[str]:
    contest, sign = one.contest, "≥" if one.contest.at_least else "≤"
    mark = "✓" if one.reaches_goal else "(✓)" if one.holds else "✗"
    subject = one.middle("subject", contest.figure)
    yardstick = one.middle("yardstick", contest.figure)
    cpu = (one.middle(side, _cpu) for side in ("subject", "yardstick"))
    return [
        contest.goal,
        contest.row,
        contest.yardstick_is,
        f"{mark} {one.ratio:.2f}",
        f"{min(one.ratios):.2f} to {max(one.ratios):.2f}",
        f"{sign} {contest.must:g}",
        f"{sign} {contest.wanted:g}",
        f"{subject:,.4g} / {yardstick:,.4g} {contest.unit}",
        " / ".join(f"{figure:,.0f}" for figure in cpu),
    ]


def _cpu(one: Slice) -> float:
    return one.server_microseconds + one.client_microseconds


def _row(one: Result) -> dict[str, object]:
    contest = one.contest
    return {
        "goal": contest.goal,
        "row": contest.row,
        "ratio": one.ratio,
        "must": contest.must,
        "wanted": contest.wanted,
        "at_least": contest.at_least,
        "cells": _cells(one),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "thrown_away": one.thrown_away,
        "rounds": [
            {"subject": _slim(it.subject), "yardstick": _slim(it.yardstick), "swing": it.swing}
            for it in one.rounds
        ],
    }


def _slim(one: Slice) -> dict[str, object]:
    kept = asdict(one)
    latencies = kept.pop("latencies_seconds")
    return kept | ({"p50_seconds": one.percentile(50)} if latencies else {})

"""The chart: each ratio beside what it must be and what was wanted, as SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

ROW_PX, LEFT_PX, WIDTH_PX, TOP_PX = 26, 340, 380, 40
SHOWN_MAX = 2.0
"""A bar ends at twice what was wanted; the figure beside it goes on."""


def draw(rows: Sequence[Mapping[str, Any]]) -> str:
    """One bar per row: how far it came towards its goal, which is the line at 1."""
    height = TOP_PX + ROW_PX * len(rows) + 14
    goal_at = LEFT_PX + WIDTH_PX / SHOWN_MAX
    body = "\n".join(_bar(number, one) for number, one in enumerate(rows))
    size = f'width="{LEFT_PX + WIDTH_PX + 90}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n'
        f'<text x="{goal_at}" y="24" text-anchor="middle" fill="#555">goal</text>\n'
        f"{body}\n"
        f'<line x1="{goal_at}" y1="30" x2="{goal_at}" y2="{height - 8}" stroke="#555"/>\n'
        "</svg>\n"
    )


def _bar(number: int, one: Mapping[str, Any]) -> str:
    share = _towards(one, one["wanted"])
    must_at = LEFT_PX + WIDTH_PX * min(SHOWN_MAX, _share_of_must(one)) / SHOWN_MAX
    top = TOP_PX + ROW_PX * number
    long = WIDTH_PX * min(SHOWN_MAX, share) / SHOWN_MAX
    colour = (
        "#2e7d32" if share >= 1 else "#9e9d24" if _towards(one, one["must"]) >= 1 else "#c62828"
    )
    label = escape(f"{one['goal']} {one['row']}"[:54])
    return (
        f'<text x="{LEFT_PX - 8}" y="{top + 13}" text-anchor="end">{label}</text>'
        f'<rect x="{LEFT_PX}" y="{top}" width="{long:.1f}" height="17" fill="{colour}"/>'
        f'<path d="M{must_at:.1f} {top - 3} v23" stroke="#000" stroke-dasharray="2"/>'
        f'<text x="{LEFT_PX + long + 6:.1f}" y="{top + 13}">{one["ratio"]:.2f}</text>'
    )


def _towards(one: Mapping[str, Any], line: float) -> float:
    ratio = float(one["ratio"])
    return ratio / line if one["at_least"] else line / ratio


def _share_of_must(one: Mapping[str, Any]) -> float:
    must, wanted = float(one["must"]), float(one["wanted"])
    return must / wanted if one["at_least"] else wanted / must

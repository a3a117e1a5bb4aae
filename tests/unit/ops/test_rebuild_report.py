"""What a rebuild tells people, and the report that stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.native.stack import Ports, Stack
from ops.rebuild_report import keep_report, row
from tests.unit.libs.doors.conftest import NOW

DONE: dict[str, Any] = {
    "service": "quotes",
    "view": "quote_status",
    "phase": "done",
    "read": 3,
    "rows_live": 2,
    "rows_rebuilt": 2,
    "digest_rebuilt": "0123456789abcdef",
    "equal": True,
    "differing": [],
    "switched": False,
    "heard": {},
    "not_heard": {},
    "left_out": {},
}
FAILED = {"service": "quotes", "phase": "failed", "detail": "the rebuild was cancelled"}
THREE = ["differs: a", "only live: b", "only rebuilt: c"]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (DONE, "equal"),
        (DONE | {"switched": True}, "equal, switched"),
        (DONE | {"equal": False, "differing": THREE[:1]}, "differs: differs: a"),
        (
            DONE | {"equal": False, "differing": THREE, "switched": True},
            "differs: differs: a | only live: b and 1 more, switched",
        ),
        (
            DONE | {"equal": None, "heard": {"A": 2}, "not_heard": {"B": 3}},
            "heard: 2 A; not heard: 3",
        ),
        (DONE | {"equal": None, "left_out": {"gap": 1}}, "heard: none; not heard: 0; 1 gap"),
        (FAILED, "failed: the rebuild was cancelled"),
    ],
)
def test_a_row_says_what_became_of_the_view(found: dict[str, Any], verdict: str) -> None:
    """Equal, different and where, counted, or broken off and why."""
    assert row(found)[-1] == verdict


def test_no_report_is_overwritten(tmp_path: Path) -> None:
    """Two rebuilds in the same second leave two reports, each whole."""
    stack = Stack(home=tmp_path, ports=Ports(9000))
    kept = [keep_report(stack, NOW, [DONE | {"read": read}]) for read in (1, 2)]
    assert [json.loads(path.read_text())["items"][0]["read"] for path in kept] == [1, 2]
    assert {path.parent for path in kept} == {tmp_path / "reports"}

"""Every pitfall of eventing, P01 to P50, is named in a test that would catch it."""

import ast
import importlib.metadata
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest
from fastapi import FastAPI

from libs.doors.app import make_app
from libs.doors.keys import DoorKeys

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("libs", "services", "ops", "deploy")
NAMED = re.compile(r"(?<![A-Za-z0-9])[Pp](0[1-9]|[1-4][0-9]|50)(?![0-9])")
ELSEWHERE: dict[str, tuple[str, str]] = {
    "P29": ("tests/journeys/test_tour.py", "the scan reads Postgres pages and WAL byte by byte"),
    "P31": ("tests/journeys/test_tour.py", "the scan finds its control in every store, then none"),
}
"""Pitfalls that a test of a whole guards without naming them: the test, and how."""
DOES_NOT_APPLY: dict[str, str] = {}
"""Pitfalls that cannot happen here, each with its reason in a line."""


def rule_files() -> list[Path]:
    """Every file with tests, and with conformance rules that tests inherit."""
    return [*(ROOT / "tests").rglob("*.py"), *(ROOT / "libs").glob("*/testing/*.py")]


def rules(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The tests in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[:5] == "test_":
            yield node


def named_pitfalls() -> set[str]:
    """The pitfalls that a test names in its name or in its docstring."""
    said = (
        f"{rule.name.replace('_', ' ')} {ast.get_docstring(rule) or ''}"
        for path in rule_files()
        for rule in rules(path)
    )
    return {f"P{number}" for text in said for number in NAMED.findall(text)}


def sources(pattern: str) -> Iterator[tuple[str, str]]:
    """Path and text of the product's files of a kind."""
    for folder in PRODUCT:
        for path in (ROOT / folder).rglob(pattern):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_every_pitfall_is_named_in_a_test() -> None:
    """None of the fifty is forgotten: a test names it, a whole guards it, or it cannot happen."""
    wanted = {f"P{number:02}" for number in range(1, 51)}
    assert wanted - named_pitfalls() - ELSEWHERE.keys() - DOES_NOT_APPLY.keys() == set()


def test_what_is_said_to_guard_a_pitfall_is_there() -> None:
    """A test that guards a pitfall without naming it exists."""
    assert [path for path, _ in ELSEWHERE.values() if not (ROOT / path).is_file()] == []


def test_p05_no_notify_in_the_database() -> None:
    """P05: nothing notifies inside a transaction; the relay is woken in memory."""
    notifies = re.compile(r"\bpg_notify\b|^\s*(notify|listen)\s", re.IGNORECASE | re.MULTILINE)
    found = [
        path
        for pattern in ("*.sql", "*.py")
        for path, text in sources(pattern)
        if notifies.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("transactional_id", "P24: FastStream never begins a transaction; every send would fail"),
        ("begin_transaction", "P25: the client's transactions do not fence the group"),
        ("send_offsets_to_transaction", "P25: the client's transactions do not fence the group"),
        ("AsgiFastStream", "P22: its try-out door forges events and swaps the producer"),
        ("AsyncAPIRoute", "P22: its try-out door forges events and swaps the producer"),
        ("try_it_out", "P22: its try-out door forges events and swaps the producer"),
    ],
)
def test_p24_p25_p22_what_the_product_never_uses(name: str, why: str) -> None:
    """P22, P24, P25: features that lose, forge or do not fence are in no file of ours."""
    assert [path for path, text in sources("*.py") if name in text] == [], why


def test_p23_no_promise_rests_on_the_broker_in_memory() -> None:
    """P23: FastStream's test broker knows no offsets, order or commits; no test imports it."""
    fake = "Test" + "KafkaBroker"
    assert [path for path in rule_files() if fake in path.read_text(encoding="utf-8")] == []


@pytest.fixture
def app() -> FastAPI:
    """An application as every service makes it, without doors of its own."""
    return make_app("test", [], keys=cast("DoorKeys", None), refusals={})


@pytest.mark.parametrize(
    "path", ["/try", "/docs/try", "/asyncapi/try", "/asyncapi", "/docs", "/redoc"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_p22_no_service_has_a_door_to_try_out(app: FastAPI, method: str, path: str) -> None:
    """P22: there is no page of documentation and nothing to post a made-up event to."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.request(method, path)).status_code == 404


def test_p50_the_versions_are_those_that_were_examined() -> None:
    """P50: FastStream and its client are pinned to what these tests were written against."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [one for one in project["project"]["dependencies"] if "kafka" in one]
    assert any(one.endswith(">=0.7.8,<0.8") for one in wanted)
    assert any(one.endswith(">=0.14,<0.15") for one in wanted)
    faststream = importlib.metadata.version("faststream").split(".")
    assert (faststream[:2], int(faststream[2]) >= 8) == (["0", "7"], True)

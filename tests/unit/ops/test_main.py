"""The command as one types it: help, exit codes, and where there is no stack."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops.main import COMMANDS, app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home in which no stack was ever started, on ports where nothing listens."""
    monkeypatch.setenv("FLUX3D_HOME", str(tmp_path / "never"))
    monkeypatch.setenv("FLUX3D_PORT_BASE", "8990")
    monkeypatch.setenv("NO_COLOR", "1")


def flux3d(*words: str) -> Result:
    """What a command printed and how it ended."""
    return RUNNER.invoke(app, list(words))


def test_help_names_every_command() -> None:
    """`flux3d --help` lists every command and the exit codes."""
    said = flux3d("--help").stdout
    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", said)] == []
    assert "Exit codes" in said


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    """Each command can be loaded and has a help of its own."""
    ended = flux3d(name, "--help")
    assert ended.exit_code == 0
    assert "Usage" in ended.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("token",),
        ("token", "--role", "king"),
        ("nonsense",),
        ("events", "list", "--service", "nobody"),
        ("events", "list", "--before", "nonsense"),
        ("events", "list", "--since", "soon"),
        ("events", "show", "nonsense"),
        ("replay", "nobody"),
        ("replay", "quotes", "nothing", "--verify"),
        ("replay", "quotes", "--verify", "--switch"),
        ("erase",),
        ("parked", "list", "nobody"),
        ("evidence", "nobody"),
        ("simulate", "--at", "2026-02-30"),
        ("scan", "--canary", "abc"),
    ],
)
def test_a_wrong_call_ends_with_two(words: tuple[str, ...]) -> None:
    """What cannot be meant is refused before anything is contacted."""
    assert flux3d(*words).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("token", "--role", "staff"),
        ("status",),
        ("events", "list"),
        ("events", "story", "01a20910-ac05-777a-9d9f-589bb5bd0ff1"),
        ("evidence",),
        ("sweep",),
        ("scan", "--canary", "Noor de Wit"),
    ],
)
def test_a_missing_stack_ends_with_three(words: tuple[str, ...]) -> None:
    """Where no stack is, a command says so in one line and not with a traceback."""
    ended = flux3d(*words)
    assert ended.exit_code == 3
    assert "Traceback" not in ended.output


def test_clock_of_a_stopped_stack_is_not_moved() -> None:
    """Only a running stack with a movable clock can be moved."""
    ended = flux3d("clock", "advance", "1year")
    assert ended.exit_code == 1
    assert "Nothing was moved" in ended.stderr


def test_nothing_is_erased_where_nobody_can_be_asked() -> None:
    """Without a terminal and without --yes nothing is changed."""
    ended = flux3d("erase", "01a20910-ac05-777a-9d9f-589bb5bd0ff1")
    assert ended.exit_code == 1
    assert "--yes" in ended.stderr


def test_json_is_all_there_is_on_stdout() -> None:
    """Data goes to stdout as JSON, remarks to stderr."""
    assert json.loads(flux3d("clock", "--json").stdout)["kind"] is None

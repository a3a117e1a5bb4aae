"""A whole stack of one's own, because a scan looks into every database and stops for nobody."""

from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from deploy.native.stack import Stack
from deploy.native.testing import running_stack
from ops.main import app


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every part of a stack, its four services included, with a movable clock."""
    with running_stack(tmp_path_factory.mktemp("ops") / "home", parts="everything") as stack:
        yield stack


@pytest.fixture
def flux3d(running: Stack, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Types a command against that stack."""
    monkeypatch.setenv("FLUX3D_HOME", str(running.home))
    monkeypatch.setenv("FLUX3D_PORT_BASE", str(running.ports.base))
    return lambda *words: CliRunner().invoke(app, list(words))

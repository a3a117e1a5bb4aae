"""The tour that people see is a test: fourteen steps on a whole stack of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.native.stack import CHECKOUT, Stack
from deploy.native.testing import running_stack

HOME = CHECKOUT / ".local-journey"
PROMISES_MIN = 70


@pytest.fixture(scope="module")
def whole_stack() -> Iterator[Stack]:
    """Everything, the four services included, with a movable clock."""
    with running_stack(HOME, parts="everything") as stack:
        yield stack


@pytest.mark.timeout(600)
@pytest.mark.policy("5.1.quote")
def test_every_promise_of_the_tour_is_seen_kept(whole_stack: Stack) -> None:
    """From a quote request to the evidence, with a crash, an erasure, a drill and nine years."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.main", "tour", "--json"],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "FLUX3D_HOME": str(whole_stack.home),
            "FLUX3D_PORT_BASE": str(whole_stack.ports.base),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    promises = [one["promise"] for one in json.loads(done.stdout)]
    assert len(promises) >= PROMISES_MIN
    for shown in ("Put right", "gives a destroyed key back", "The drill can fail", "can see"):
        assert any(shown in one for one in promises)

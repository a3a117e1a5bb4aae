"""The checks that need nothing running, and the whole test run on real parts."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from deploy.native.stack import CHECKOUT
from deploy.native.steps import console

BIN = Path(sys.executable).parent
STATIC = (
    ("Format", ("ruff", "format", "--check", "--quiet", ".")),
    ("Lint", ("ruff", "check", "--quiet", ".")),
    ("Types", ("mypy", "--no-error-summary")),
    ("Imports", ("lint-imports",)),
)
UNIT = ("pytest", "-q", "tests/unit", "tests/architecture")
EVERYTHING = ("pytest", "-n", "auto", "--dist", "loadfile")
MEASURED = "tests/faults/test_overload.py"
FAULTS = (
    "pytest", "-n", "2", "--dist", "loadfile", "--whole", "tests/faults", "--ignore", MEASURED
)  # fmt: skip
ALONE = ("pytest", "-n", "0", "--whole", MEASURED)


def check() -> int:
    """Static checks and unit tests; the number of those that failed."""
    return static() + _failed("Unit", UNIT)


def static() -> int:
    """Format, lint, types and imports; the number of those that failed."""
    return sum(_failed(title, command) for title, command in STATIC)


def test() -> int:
    """Static checks, then every test; pytest's own closing line comes last.

    Shape: static faults do not keep the tests from running; both count in the answer.
    """
    faults = static()
    return _failed("Tests", EVERYTHING) + faults


def faults() -> int:
    """Every fault as far as it goes; how many of the two runs met one that was not survived.

    Shape: what is measured beside what the stack can bear is measured last, and alone.
    """
    return _failed("Faults", FAULTS) + _failed("Overload", ALONE)


def _failed(title: str, command: tuple[str, ...]) -> int:
    began = time.monotonic()
    if "pytest" in command:
        # Its closing line must stay the last one.
        return int(_status(command) != 0)
    status = _status(command)
    mark = "✗" if status else "✓"
    console.print(f"{mark} {title} ({time.monotonic() - began:.1f} s)", highlight=False)
    return int(status != 0)


def _status(command: tuple[str, ...]) -> int:
    program, *options = command
    return subprocess.run([BIN / program, *options], cwd=CHECKOUT, check=False).returncode

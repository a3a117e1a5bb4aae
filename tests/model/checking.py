"""Runs Spin over the model: every state of one setting, and what it found."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.native.machine import run
from deploy.native.model_checker import compiler, spin

MODEL = Path(__file__).parent / "erasure.pml"
SECONDS_MAX = 60
DEPTH_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run came to: how many states, and the sentence of the promise that was broken."""

    states: int
    broken: str | None


def check(folder: Path, *settings: str) -> Finding:
    """Visit every state of the model under these settings, in a folder of the run's own."""
    definitions = [f"-D{one}" for one in settings]
    run([spin(), "-a", *definitions, MODEL], purpose="Reading the model", folder=folder)
    said = _search(folder, compiled="-DSAFETY", options=())
    return Finding(_states(said), _told(folder, definitions) if _errors(said) else None)


def check_for_cycles(folder: Path, *settings: str) -> Finding:
    """Whether the model can go round for ever without an end, whatever its schedule."""
    definitions = [f"-D{one}" for one in settings]
    run([spin(), "-a", *definitions, MODEL], purpose="Reading the model", folder=folder)
    said = _search(folder, compiled="-DNP", options=("-l",))
    return Finding(_states(said), "it goes round for ever" if _errors(said) else None)


def _search(folder: Path, *, compiled: str, options: tuple[str, ...]) -> str:
    building: list[str | Path] = [
        compiler(),
        "-O1",
        "-w",
        compiled,
        "-DVECTORSZ=1024",
        "-o",
        "pan",
        "pan.c",
    ]
    run(building, purpose="Compiling the model", folder=folder)
    done = subprocess.run(
        [folder / "pan", *options, f"-m{DEPTH_MAX}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    unwell = "max search depth too small" in done.stdout or "out of memory" in done.stdout
    assert not unwell, f"the search is incomplete: {done.stdout}"
    return done.stdout


def _errors(said: str) -> int:
    return int(_number(r"errors: (\d+)", said))


def _states(said: str) -> int:
    return int(_number(r"(\d+) states, stored", said))


def _number(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    assert found, f"Spin ended without a result: {said}"
    return str(found[1])


def _told(folder: Path, definitions: list[str]) -> str:
    """What the model said last on the way to the error."""
    trail = str(folder / f"{MODEL.name}.trail")
    replaying = [str(spin()), "-t", "-k", trail, *definitions, str(MODEL)]
    done = subprocess.run(replaying, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip().splitlines()[0].strip()

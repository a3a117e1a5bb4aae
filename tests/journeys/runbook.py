"""Reads the commands out of a runbook, and types each as an operator would: until it works."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.native.stack import CHECKOUT, Stack

FOLDER = CHECKOUT / "deploy" / "runbooks"
TRY_SECONDS = 60
_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_ENDS_WITH = re.compile(r"  # ends with (?P<code>\d+)$")
_TRIED = """
began=$SECONDS
while :; do
    ( {line} ) > "$SAID" 2>&1
    code=$?
    [ "$code" -eq {code} ] && break
    [ "$((SECONDS - began))" -lt {seconds} ] || {{ cat "$SAID"; echo "$code" {told}; exit 1; }}
    sleep 0.2
done
echo {shown} "($((SECONDS - began)) s)"
cat "$SAID"
"""


@dataclass(frozen=True)
class Command:
    """One line of a runbook, and how it is said to end."""

    line: str
    ends_with: int = 0

    @property
    def is_raw(self) -> bool:
        """Whether it starts or awaits something in the background."""
        return self.line.endswith("&") or self.line == "wait"

    def script(self) -> str:
        """Type it until it ends as the runbook says, or say that it never did."""
        if self.is_raw:
            return self.line
        told = shlex.quote(f"never ended with {self.ends_with}: {self.line}")
        return _TRIED.format(
            seconds=TRY_SECONDS,
            line=self.line,
            code=self.ends_with,
            told=told,
            shown=shlex.quote(f"$ {self.line}"),
        )


def blocks_of(name: str) -> list[list[Command]]:
    """The commands of a runbook, block by block."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return [
        [_command(line.strip()) for line in block.splitlines() if line.strip()]
        for block in _BLOCK.findall(text)
    ]


def _command(line: str) -> Command:
    ends = _ENDS_WITH.search(line)
    if ends is None:
        return Command(line)
    return Command(line[: ends.start()], int(ends["code"]))


def follow(name: str, stack: Stack, folder: Path, known: Mapping[str, str]) -> str:
    """Type every command of a runbook in its order; gives what they said.

    Raises: AssertionError, with what was said, when one never ends as it should.
    """
    said = ""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "FLUX3D_HOME": str(stack.home),
        "FLUX3D_PORT_BASE": str(stack.ports.base),
        "SAID": str(folder / "said"),
        **known,
    }
    for block in blocks_of(name):
        script = "\n".join([f"cd {CHECKOUT}", *(one.script() for one in block)])
        done = subprocess.run(
            ["bash", "-u", "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said += done.stdout
        assert done.returncode == 0, f"{name}: {said[-3000:]}{done.stderr[-1000:]}"
    return said

"""More requests than a stack can bear, through its gateway, and what each of them was told."""

import asyncio
import json
import math
import os
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from deploy.native.load_tool import libraries, wrk
from deploy.native.stack import Stack

SCRIPT = Path(__file__).with_name("flood.lua")
GIVING_WAY = ("nice", "-n", "19")
_seeds = count(1)


class Flooded(msgspec.Struct, frozen=True):
    """What came of a flood; `untold` were turned away without a time to come back."""

    microseconds: int
    taken: int
    turned_away: int
    untold: int
    other: int
    broken: int

    @property
    def taken_per_second(self) -> float:
        """The goodput."""
        return self.taken * 1e6 / self.microseconds

    @property
    def asked_per_second(self) -> float:
        """How much was asked and answered."""
        return (self.taken + self.turned_away + self.other) * 1e6 / self.microseconds


@dataclass(frozen=True, kw_only=True)
class Flood:
    """One kind of write to one door; `{id}` in the body becomes another UUID each time.

    Units: `per_second` is what is offered while answers come at once; none is as fast as can be.
    Why:   callers have machines of their own; here they give way to what they call.
    """

    path: str
    body: dict[str, Any]
    connections: int
    per_second: float | None = None

    async def run(self, stack: Stack, seconds: float) -> Flooded:
        """Let it go on for some seconds."""
        pause_ms = 1000 * self.connections / self.per_second if self.per_second else 0
        options = [f"-c{self.connections}", "-t1", f"-d{math.ceil(seconds)}s", "--timeout", "20s"]
        script = [str(next(_seeds)), json.dumps(self.body), str(pause_ms)]
        process = await asyncio.create_subprocess_exec(
            *GIVING_WAY, wrk(), *options,
            "-s", str(SCRIPT), f"{stack.gateway_url}{self.path}", "--", *script,
            env={**os.environ, **libraries()},
            stdout=PIPE,
            stderr=PIPE,
        )  # fmt: skip
        out, complaint = await process.communicate()
        assert process.returncode == 0, complaint.decode()
        return msgspec.json.decode(out.strip().rpartition(b"\n")[2], type=Flooded)

"""Loads a door with wrk: many connections, one thread, latencies kept."""

import asyncio
import math
import os
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec

from deploy.native.load_tool import libraries, wrk
from tests.bench.machine import cpu_seconds
from tests.bench.slices import Slice

SCRIPT = Path(__file__).with_name("load.lua")
_seeds = count(1)


class NotServed(RuntimeError):
    """A door answered something else than what was measured; the slice says nothing."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """One kind of request to one address.

    Shape: `body` may hold `{id}`, which becomes another UUID for each request, as does the
           Idempotency-Key.
    """

    url: str
    body: str
    connections: int
    method: str = "POST"
    headers: Sequence[tuple[str, str]] = (("Content-Type", "application/json"),)
    expects: int = 201


class Said(msgspec.Struct, frozen=True):
    """What wrk's script printed at its end."""

    requests: int
    microseconds: int
    unexpected: int
    broken: int
    percentiles: list[int]


async def run_load(load: Load, seconds: float, *, servers: Sequence[int]) -> Slice:
    """Load the address for some seconds; the processes in `servers` are what it costs.

    Raises: NotServed, when an answer had another status than the expected one.
    """
    before, own = cpu_seconds(servers), cpu_seconds([os.getpid()])
    said = await _wrk(load, seconds)
    if said.unexpected or said.broken or not said.requests:
        message = f"{load.url}: {said}"
        raise NotServed(message)
    return Slice(
        operations=said.requests,
        seconds=said.microseconds / 1e6,
        client_cpu_seconds=cpu_seconds([os.getpid()]) - own,
        server_cpu_seconds=cpu_seconds(servers) - before,
        latencies_seconds=[one / 1e6 for one in said.percentiles],
    )


async def _wrk(load: Load, seconds: float) -> Said:
    options = [f"-c{load.connections}", "-t1", f"-d{math.ceil(seconds)}s", "-s", str(SCRIPT)]
    seed = str(next(_seeds))
    headers = [part for header in load.headers for part in header]
    script = [seed, load.body, str(load.expects), load.method, *headers]
    process = await asyncio.create_subprocess_exec(
        wrk(), *options, load.url, "--", *script,
        env={**os.environ, **libraries()},
        stdout=PIPE,
        stderr=PIPE,
    )  # fmt: skip
    out, complaint = await process.communicate()
    if process.returncode:
        raise NotServed(complaint.decode())
    return msgspec.json.decode(out.strip().rpartition(b"\n")[2], type=Said)

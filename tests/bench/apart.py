"""A side in a process of its own, run as a service is: uvloop, and memory settled at the start."""

import asyncio
import sys
from argparse import ArgumentParser
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import uvloop

from deploy.native.stack import CHECKOUT
from libs.events.closed_connections import notice_closed_connections
from libs.runtime.service import settle_memory
from tests.bench.machine import descendants
from tests.bench.slices import Slice


class SideFailed(RuntimeError):
    """A side's process ended badly; the slice says nothing."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a side's process is to do, and on what.

    Shape: `messages` lie on the topic; `servers_from` are the servers' first processes.
    """

    kind: str
    seconds: float
    servers: str
    topic: str
    messages: int
    database_url: str = ""
    servers_from: tuple[int, ...] = ()

    def server_pids(self) -> list[int]:
        """The servers' processes as they are now, those for our own connections among them."""
        return [pid for first in self.servers_from for pid in descendants(first)]


Work = Callable[[Task], Awaitable[Slice]]


async def work_apart(module: str, task: Task) -> Slice:
    """What the module's process measured.

    Raises: SideFailed, with what it said.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, msgspec.json.encode(task).decode(),
        cwd=CHECKOUT, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, complaint = await process.communicate()
    if process.returncode:
        message = f"{task.kind}: {complaint.decode()[-2000:]}"
        raise SideFailed(message)
    return msgspec.json.decode(out.strip().rpartition(b"\n")[2], type=Slice)


def run_task(works: Mapping[str, Work]) -> None:
    """Do the task that stands on the command line, and print the slice it came to."""
    parser = ArgumentParser()
    parser.add_argument("task")
    task = msgspec.json.decode(parser.parse_args().task, type=Task)
    notice_closed_connections()
    found = uvloop.run(_settled(works[task.kind], task))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")


async def _settled(work: Work, task: Task) -> Slice:
    settle_memory()
    return await work(task)

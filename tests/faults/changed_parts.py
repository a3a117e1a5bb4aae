"""Parts of a running stack under other settings, changed and put back through its supervisor."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from configparser import RawConfigParser
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO

from deploy.native.readiness import ready
from deploy.native.rendering import write_private
from deploy.native.stack import Stack
from deploy.native.supervision import Supervisor, wait_until

READY_SECONDS = 180.0


@dataclass(frozen=True)
class Change:
    """What a part is told when it is started: settings, and words around its command."""

    settings: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()
    after: Sequence[str] = ()


@asynccontextmanager
async def changed(stack: Stack, part: str, change: Change) -> AsyncIterator[None]:
    """A part started anew with the change; as it was afterwards, and answering.

    Shape: whoever wants it to be ready inside the block waits for that there, since what was
    changed may keep it from being so. Threads wait, so that proxies of this process go on.
    """
    path = stack.run / "supervisord.conf"
    kept = path.read_text(encoding="utf-8")
    await asyncio.to_thread(_replace, stack, part, _changed(kept, part, change))
    try:
        yield
    finally:
        await asyncio.to_thread(_replace, stack, part, kept)
        await is_ready(stack, part)


async def is_ready(stack: Stack, *parts: str) -> None:
    """Come back when these parts answer."""

    def answer() -> bool:
        return all(ready(stack, part) for part in parts)

    in_time = await asyncio.to_thread(wait_until, answer, seconds=READY_SECONDS)
    assert in_time, f"not ready in time: {parts}"


@asynccontextmanager
async def stopped(stack: Stack, part: str) -> AsyncIterator[None]:
    """A part that is down, and that the supervisor lets be; up and answering afterwards."""
    supervisor = Supervisor(stack)
    await asyncio.to_thread(supervisor._call, "stopProcess", part)
    try:
        yield
    finally:
        await asyncio.to_thread(supervisor.start_stopped, (part,))
        await is_ready(stack, part)


def _changed(text: str, part: str, change: Change) -> str:
    parser = RawConfigParser(strict=False)
    parser.read_string(text)
    section = parser[f"program:{part}"]
    more = (f'{name}="{value}"' for name, value in change.settings.items())
    kept = section.get("environment", "")
    section["environment"] = ",".join(one for one in (kept, *more) if one)
    before, after = map(shlex.quote, change.before), map(shlex.quote, change.after)
    section["command"] = " ".join([*before, section["command"], *after])
    written = StringIO()
    parser.write(written)
    return written.getvalue()


def _replace(stack: Stack, part: str, text: str) -> None:
    """Let the supervisor read the part anew, and start it."""
    write_private(stack.run / "supervisord.conf", text)
    supervisor = Supervisor(stack)
    supervisor._call("reloadConfig")
    supervisor._call("stopProcess", part)
    supervisor._call("removeProcessGroup", part)
    supervisor._call("addProcessGroup", part)
    supervisor.start_stopped((part,))

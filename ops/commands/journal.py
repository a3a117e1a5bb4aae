"""`flux3d journal`: the erasure journal: is it whole, has the keyring done it, and do it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import typer

from deploy.native.stack import Stack
from libs.keyring.gate import GateShut, check_gate, replay_journal
from libs.keyring.journal import JournalBroken, verify_journal
from libs.keyring.journal_mark import PostgresJournalMark
from ops.confirmation import Yes, confirm
from ops.outcome import Away, Exit, SaidNo
from ops.output import AsJson, show, table

app = typer.Typer(help="What was destroyed, outside the databases.", no_args_is_help=True)


@app.command()
def verify(*, as_json: AsJson = False) -> None:
    """Check every line, and whether the keyring has done what they say. Ends with 1 when not."""
    found = asyncio.run(_verify(Stack.from_environment()))
    show(found, as_json=as_json, people=[table(("", ""), found.items())])
    raise typer.Exit(Exit.FINE if found["gate"] == "open" else Exit.NO)


@app.command()
def replay(*, yes: Yes = False, as_json: AsJson = False) -> None:
    """Destroy in a restored keyring what the journal says was destroyed; then the gate opens."""
    stack = Stack.from_environment()
    confirm("Destroy in the keyring every key that the journal says was destroyed?", yes=yes)
    done = asyncio.run(destroy_again(stack))
    found = {"lines_done": done, **asyncio.run(_verify(stack))}
    show(found, as_json=as_json, people=[table(("", ""), found.items())])


async def destroy_again(stack: Stack) -> int:
    """Replays the journal of a stack over its keyring; gives how many lines it did.

    Raises: SaidNo, when the journal cannot be believed; Away.
    """
    try:
        async with journal_mark(stack, "retention") as mark:
            return await replay_journal(mark, stack.journal)
    except GateShut as shut:
        raise SaidNo(str(shut)) from shut


async def _verify(stack: Stack) -> dict[str, Any]:
    async with journal_mark(stack, "operator") as mark:
        seen = await mark.read()
        try:
            head = verify_journal(stack.journal, seen)
            await check_gate(mark, stack.journal)
        except (JournalBroken, GateShut) as error:
            return {"gate": "shut", "because": str(error), "keyring_has_seen": seen.entries}
    return {"gate": "open", "lines": head.entries, "keyring_has_seen": seen.entries}


@asynccontextmanager
async def journal_mark(stack: Stack, role: str) -> AsyncIterator[PostgresJournalMark]:
    """The keyring's side of the journal, as a role may use it.

    Raises: Away.
    """
    try:
        pool = await asyncpg.create_pool(
            stack.database_url(role, "keyring"), min_size=1, max_size=1, timeout=5
        )
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        message = f"The keyring does not answer ({type(error).__name__}). See make up"
        raise Away(message) from error
    async with pool:
        yield PostgresJournalMark(pool)

"""Doors on real parts: a write asked twice is done once, and mail arrives as it was written."""

import asyncio
from collections.abc import AsyncIterator, Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Annotated, Any, Self, cast
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Depends

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.doors.app import make_app
from libs.doors.idempotency import Asked, asked_once
from libs.doors.keys import DoorKeys, read_link_secret
from libs.doors.mail import SESSIONS_MAX, Mailer
from libs.doors.tokens import TokenVerifier
from libs.events.clock import RealClock
from libs.events.ids import RealIds
from libs.events.log import Append
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner


@pytest.fixture
async def client(
    stack: Stack, database: Callable[[str], FreshDatabase]
) -> AsyncIterator[httpx.AsyncClient]:
    """One door that keeps its answer in a real log."""
    clock, ids = RealClock(), RealIds()
    async with asyncpg.create_pool(database("quotes").url(), min_size=0) as pool:
        log = PostgresLog(pool, Owner.QUOTES)
        router = APIRouter()

        @router.post("/things", status_code=201)
        async def write(asked: Annotated[Asked, Depends(asked_once)]) -> Any:
            body = {"id": str(ids.new())}
            answer = asked.answer(201, body, at=clock.now())
            append = Append(record=ids.new(), expected_version=0, recorded=(), answer=answer)
            await log.append(append)
            return body

        keys = DoorKeys(
            clock=clock,
            tokens=TokenVerifier.from_file(stack.secrets / "token-verify.pem"),
            pool=pool,
            secret=read_link_secret(stack.secrets, Owner.QUOTES),
        )
        app = make_app("things", [router], keys=keys, refusals={})
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://things") as client:
            yield client


async def test_write_asked_many_times_at_once_is_done_once(client: httpx.AsyncClient) -> None:
    """All get the one answer; all but one are told that it is a repeat."""
    headers = {"Idempotency-Key": str(uuid4())}
    asked = [client.post("/things", json={"n": 1}, headers=headers) for _ in range(20)]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 19


async def test_same_key_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    """The first answer stays; the second request is told that its key was used."""
    headers = {"Idempotency-Key": str(uuid4())}
    await client.post("/things", json={"n": 1}, headers=headers)
    answer = await client.post("/things", json={"n": 2}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/key-reused")


async def test_neighbour_of_a_repeat_is_not_harmed(client: httpx.AsyncClient) -> None:
    """New writes that share a commit with a repeat are kept."""
    repeated = {"Idempotency-Key": str(uuid4())}
    await client.post("/things", json={}, headers=repeated)
    headers = [repeated, *({"Idempotency-Key": str(uuid4())} for _ in range(10))]
    asked = [client.post("/things", json={}, headers=one) for one in headers]
    answers = await asyncio.gather(*asked)
    assert len({answer.json()["id"] for answer in answers}) == 11


async def test_mail_arrives_as_it_was_written(stack: Stack) -> None:
    """Any script, one recipient, and an id by which a repeat is known."""
    message_id = str(uuid4())
    text = "Geachte Zoë,\n\nمحمد 山田 👩\u200d🎨\n"
    mailer = Mailer(port=stack.ports.smtp)
    await mailer.send(
        "zoe@xn--bcher-kva.example", "Uw aanvraag: één ✓", text, message_id=message_id
    )
    (arrived,) = [one for one in _mailbox(stack.mailbox) if message_id in one["Message-ID"]]
    assert arrived["To"] == "zoe@xn--bcher-kva.example"
    assert arrived["Subject"] == "Uw aanvraag: één ✓"
    assert arrived.get_content().replace("\r\n", "\n") == text


async def test_messages_at_once_share_few_sessions_and_leave_none(stack: Stack) -> None:
    """Each arrives once, by the session of one that went before; with the last they end."""
    ids, sessions = [str(uuid4()) for _ in range(30)], Sessions(stack.ports.smtp)
    async with sessions:
        mailer = Mailer(port=sessions.port)
        sent = [mailer.send("zoe@example.org", "Hi", "text", message_id=one) for one in ids]
        await asyncio.gather(*sent)
        await sessions.ended()
    arrived = [one["Message-ID"] for one in _mailbox(stack.mailbox)]
    assert all(sum(one in it for it in arrived) == 1 for one in ids)
    assert 1 <= sessions.begun <= SESSIONS_MAX


class Sessions:
    """Stands before the mail server and counts the sessions."""

    def __init__(self, onward: int) -> None:
        """Hand everything on to this port."""
        self.begun, self.port = 0, 0
        self._onward = onward
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no more."""
        self._server.close()
        await self._server.wait_closed()

    async def ended(self) -> None:
        """Wait until the caller has ended every session."""
        async with asyncio.timeout(20):
            await asyncio.gather(*self._open)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.begun += 1
        self._open.add(cast("asyncio.Task[None]", asyncio.current_task()))
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._onward)
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while read := await reader.read(65536):
        writer.write(read)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


def _mailbox(folder: Path) -> list[Any]:
    messages = (path.read_bytes() for path in folder.glob("*.eml"))
    return [message_from_bytes(one, policy=policy.default) for one in messages]

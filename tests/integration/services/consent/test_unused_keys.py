"""What choices and rights requests leave behind when they are not recorded."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.events.log import Answer
from libs.keyring.keys import DataKey
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.keyring.unused_keys import UNUSED_AFTER
from services.consent.app.handlers import Means, Request, request_right
from services.consent.domain.refusals import RequestClosed
from services.consent.domain.rights_request import Right
from tests.integration.services.consent.running import ADDRESS, Running

SECOND = timedelta(seconds=1)


class Hangs(PostgresKeyring):
    """The real keyring, after whose answer a process hangs while something happens."""

    meanwhile: Callable[[], Awaitable[None]]

    async def make_keys(self, record: UUID, **asked: Any) -> dict[str, DataKey]:
        keys = await super().make_keys(record, **asked)
        await self.meanwhile()
        return keys


async def lost(running: Running, kind: str, category: str, subject: bytes) -> UUID:
    """A record of which only the key was made, because the process died before its fact."""
    record = running.ground.ids.new()
    await running.ground.keyring.make_keys(
        record, kind=kind, categories=[category], subject=subject, at=running.clock.now()
    )
    return record


async def let_go(running: Running) -> None:
    """Let time pass, and the timer run."""
    running.clock.advance_to(running.clock.now() + UNUSED_AFTER + SECOND)
    (timer,) = [one for one in running.built.timers if one.name == "let_go_of_unused_keys"]
    await timer.run()


async def test_keys_of_lost_records_are_said_to_be_unused(running: Running) -> None:
    """Of choices and of rights requests, once each; what was recorded stays."""
    index = running.ground.blind_index
    choices = await lost(running, "choices", "consent", index.of_visitor(str(uuid4())))
    request = await lost(running, "rights_request", "rights_request", index.of_email(ADDRESS))
    kept = await running.requested()
    await let_go(running)
    await let_go(running)
    names = [await running.names(one) for one in (choices, request, kept)]
    assert names == [["RecordAbandoned"], ["RecordAbandoned"], ["RightsRequestReceived"]]


async def test_visitor_whose_record_was_let_go_begins_another(running: Running) -> None:
    """A choice finds the record of a lost one; where that was let go, it begins a new one."""
    visitor = uuid4()
    subject = running.ground.blind_index.of_visitor(str(visitor))
    record = await lost(running, "choices", "consent", subject)
    await let_go(running)
    await running.chosen(visitor)
    await running.chosen(visitor, analytical=False)
    shown = (await running.http.get(f"/api/choices/{visitor}")).json()
    assert shown["analytical"] is False
    assert await running.names(record) == ["RecordAbandoned"]


async def test_rights_request_that_comes_too_late_is_refused(running: Running) -> None:
    """One that hangs between its key and its fact, while its key is let go, keeps nothing."""
    real, ground, record = running.ground.keyring, running.ground, running.ground.ids.new()
    assert isinstance(real, PostgresKeyring)
    slow = Hangs(real._pool, real._epoch_keys, real._cache)
    slow.meanwhile = lambda: let_go(running)
    means = Means(
        desk=ground.desk,
        keyring=slow,
        blind_index=ground.blind_index,
        policy=ground.policy,
        clock=ground.clock,
        ids=ground.ids,
    )
    now = running.clock.now()
    wish = Request(right=Right.ERASURE, email=ADDRESS, language="nl", at=now)
    answer = Answer(
        scope="t", key_hash=b"k", fingerprint=b"", status=202, body="{}", answered_at=now
    )
    with pytest.raises(RequestClosed):
        await request_right(means, record, wish, answer)
    assert await running.names(record) == ["RecordAbandoned"]

"""Owners that do not answer, on a real log: waited for, shown, and asked again."""

from datetime import timedelta
from uuid import UUID

import pytest

from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import ScrubAskedAgain
from libs.events.vocabulary.scrubbing import RecordScrubbed
from libs.policy.evidence import CheckResult
from tests.integration.services.retention.running import Running

PERSON = b"a blind index, 32 bytes in truth"
IN_TIME = timedelta(minutes=59)
LATE = timedelta(minutes=61)


async def look(running: Running) -> None:
    """Let the timer look for answers that are missing."""
    (timer,) = [one for one in running.built.timers if one.name == "ask again"]
    await timer.run()


async def answers(running: Running, erasure: UUID, record: UUID, owner: Owner) -> None:
    """Let one owner answer."""
    event = RecordScrubbed(
        owner=owner, erasure=erasure, categories=(Category.QUOTE,), objects_deleted=0
    )
    await running.hear(owner, record, event)


async def begun(running: Running) -> tuple[UUID, UUID]:
    """An erasure whose key is destroyed and which nobody has answered; it and its record."""
    record = await running.quoted(PERSON)
    said = await running.post("/api/erasures", {"record": str(record)})
    await running.carry_out()
    return UUID(said.json()["id"]), record


async def askings(running: Running, erasure: UUID) -> list[ScrubAskedAgain]:
    """Every asking of an erasure."""
    facts: list[Recorded] = await running.log.load(erasure)
    return [one.event for one in facts if isinstance(one.event, ScrubAskedAgain)]


@pytest.mark.policy("6.certificate")
async def test_silent_owner_is_asked_again_and_its_answer_completes(running: Running) -> None:
    """Nothing completes by silence; after its time the owner is asked, shown, and answers."""
    erasure, record = await begun(running)
    for owner in (Owner.QUOTES, Owner.BILLING):
        await answers(running, erasure, record, owner)
    running.clock.advance_to(running.clock.now() + IN_TIME)
    await look(running)
    assert await askings(running, erasure) == []
    running.clock.advance_to(running.clock.now() + LATE - IN_TIME)
    await look(running)
    await look(running)
    (asked,) = await askings(running, erasure)
    assert (asked.record, asked.silent) == (record, (Owner.CONSENT,))
    shown = (await running.get(f"/api/erasures/{erasure}")).json()
    assert shown["state"] == "under_way"
    assert shown["waiting_for"] == [{"record": str(record), "owner": "consent"}]
    assert shown["asked_again_at"] is not None
    assert (await certified(running)).figures["asked_again_erasures"] == 1
    await answers(running, erasure, record, Owner.CONSENT)
    await running.carry_out()
    assert (await running.get(f"/api/erasures/{erasure}")).json()["state"] == "completed"
    assert (await certified(running)).figures["asked_again_erasures"] == 0


async def certified(running: Running) -> CheckResult:
    """What the evidence says of erasures."""
    return await running.built.evidence["erasures_certified"]()


async def test_owners_are_asked_ever_more_rarely(running: Running) -> None:
    """In two days without an answer they are asked after 1, 2, 4, 8, 16 and 40 hours."""
    erasure, _ = await begun(running)
    began_at = running.clock.now()
    for _ in range(2 * 24 * 2):
        running.clock.advance_to(running.clock.now() + timedelta(minutes=30))
        await look(running)
    hours = [
        round((one.asked_at - began_at) / timedelta(hours=1))
        for one in await askings(running, erasure)
    ]
    assert hours[:2] == [1, 2]
    assert len(hours) <= 7


async def test_answered_erasure_is_never_asked_about(running: Running) -> None:
    """Who has answered hears nothing more."""
    erasure, _ = await begun(running)
    await running.finish()
    running.pass_days(3)
    await look(running)
    assert await askings(running, erasure) == []

"""Shred rounds as retention runs them: when, by whose word, and what the certificate says then."""

import hashlib
from typing import Any

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from libs.keyring.epoch_keys import list_epochs
from tests.integration.services.retention.running import Running
from tests.integration.services.retention.test_erasing import PERSON, newest, request_erasure


async def erased(running: Running) -> str:
    """A person's quote is asked for, erased and certified; the erasure's id."""
    await running.quoted(PERSON)
    await request_erasure(running)
    await running.finish()
    return str((await newest(running))["id"])


async def take_turn(running: Running) -> None:
    """Let the timer look once."""
    (timer,) = [one for one in running.built.timers if one.name == "shred"]
    await timer.run()


async def certificate(running: Running, erasure: str) -> dict[str, Any]:
    """The certificate as the door shows it."""
    shown: dict[str, Any] = (await running.http.get(f"/api/erasures/{erasure}/certificate")).json()
    return shown


@pytest.mark.policy("5.1.backups")
async def test_certificate_gets_an_addendum_with_both_moments(running: Running) -> None:
    """From the round on, whoever has the link can check since when nothing can be recovered."""
    erasure = await erased(running)
    before = await certificate(running, erasure)
    await take_turn(running)
    after = await certificate(running, erasure)
    key = OKPKey.import_key((await running.http.get("/api/erasures/signing-key")).json())
    signed = jws.deserialize_compact(after["addendum"], key, algorithms=["Ed25519"])
    said = msgspec.json.decode(signed.payload)
    assert (before["addendum"], before["certificate"]) == (None, after["certificate"])
    assert said == after["addendum_content"]
    assert said["certificate_sha256"] == hashlib.sha256(after["certificate"].encode()).hexdigest()
    assert said["unreadable_since"] < said["unrecoverable_since"]


async def test_addendum_has_a_door_of_its_own(running: Running) -> None:
    """Nothing is served before the round; afterwards the same bytes each time."""
    place = f"/api/erasures/{await erased(running)}/certificate/addendum"
    missing = await running.http.get(place)
    await take_turn(running)
    bare = await running.http.get(place, headers={"Accept": "application/jose"})
    shown = (await running.http.get(place)).json()
    assert missing.json()["type"] == "/problems/addendum-not-ready"
    assert bare.text == shown["addendum"]


async def test_round_ends_the_epoch_of_what_was_erased(running: Running) -> None:
    """The old epoch's key is gone, and the round is told of in a stream of its own."""
    await erased(running)
    await take_turn(running)
    shown = (await running.get("/api/shred", "operator")).json()
    told = [one.record for one in await running.facts() if one.name == "KeysUnrecoverable"]
    assert list_epochs(running.ground.keys_dir) == [2]
    assert (shown["state"], shown["recoverable"], shown["due_at"]) == ("told", 0, None)
    assert [str(one) for one in told] == [shown["round"]]


async def test_rounds_keep_a_day_between_them(running: Running) -> None:
    """What is erased after a round waits for the next one, unless an operator asks."""
    await erased(running)
    await take_turn(running)
    second = await erased(running)
    await take_turn(running)
    waiting = (await certificate(running, second))["addendum"]
    running.pass_days(1)
    await take_turn(running)
    assert waiting is None
    assert (await certificate(running, second))["addendum"] is not None


async def test_operator_begins_a_round_at_once(running: Running) -> None:
    """The door begins it; the timer carries it on although a day has not passed."""
    await erased(running)
    await take_turn(running)
    second = await erased(running)
    begun = await running.post("/api/shred")
    state = (await running.get("/api/shred", "auditor")).json()["state"]
    await take_turn(running)
    assert (begun.status_code, state) == (202, "begun")
    assert (await certificate(running, second))["addendum"] is not None


async def test_nothing_recoverable_begins_no_round(running: Running) -> None:
    """An operator may ask whenever they like; the timer looks and leaves it."""
    await running.quoted(PERSON)
    begun = await running.post("/api/shred", key="used-twice")
    again = await running.post("/api/shred", key="used-twice")
    await take_turn(running)
    assert begun.json() == again.json() == {"round": None}
    assert list_epochs(running.ground.keys_dir) == [1]


@pytest.mark.parametrize("role", ["staff", "auditor"])
async def test_only_an_operator_begins_a_round(running: Running, role: str) -> None:
    """Others may not."""
    assert (await running.post("/api/shred", roles=(role,))).status_code == 403


@pytest.mark.policy("5.1.backups")
async def test_keys_left_recoverable_too_long_break_the_promise(running: Running) -> None:
    """While a round is late the evidence says so, and names the erasures."""
    check = running.built.evidence["backups_end_on_time"]
    verdicts = [(await check()).verdict]
    await erased(running)
    verdicts.append((await check()).verdict)
    running.pass_days(3)
    verdicts.append((await check()).verdict)
    await take_turn(running)
    verdicts.append((await check()).verdict)
    assert verdicts == ["nothing_to_check", "kept", "broken", "kept"]

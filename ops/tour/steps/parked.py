"""Step 6: a message that nobody can read, set aside and put right."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from ops.tour.steps.order import offer_of
from ops.tour.telling import wait_for
from ops.tour.walk import SHOWN, Walk

TITLE = "A broken message: it holds up its own record, nothing else, until it is put right"
BECAUSE = "sent by mistake, no fact of ours"
UNREADABLE = "unreadable"


def take(walk: Walk) -> None:
    """An offer waits behind a broken message of its record; the other records go on."""
    held_up, free = [case for case in walk.people if case not in SHOWN][:2]
    asyncio.run(_send_what_nobody_can_read(walk, walk.quotes[held_up]))
    wait_for(lambda: _parked(walk) or None, "the message to be set aside")
    for case in (held_up, free):
        walk.gateway.post(f"/api/quotes/{walk.quotes[case]}/offer", offer_of(walk), role="staff")
    wait_for(lambda: _heard_offers(walk, free) or None, "the offer of the other record")
    waiting = wait_for(lambda: _waiting(walk) or None, "the offer behind the broken message")
    walk.telling.check(
        "A message that cannot be read holds up its own record only",
        holds=not _heard_offers(walk, held_up),
        seen=f"set aside by {', '.join(sorted({one['service'] for one in _parked(walk)}))}; "
        f"{len(waiting)} fact waits behind it, another record's offer went through",
    )
    _put_right(walk, held_up)


def _put_right(walk: Walk, held_up: str) -> None:
    for one in _parked(walk):
        if one["reason"] == UNREADABLE:
            place = (one["service"], str(one["parked_id"]))
            walk.operator.run("parked", "drop", *place, "--reason", BECAUSE, "--yes")
    wait_for(lambda: _heard_offers(walk, held_up) or None, "the offer that waited")
    dropped = walk.operator.run("parked", "dropped")["items"]
    walk.telling.check(
        "Put right by an operator, with a reason that is kept; what waited goes through",
        holds=not _parked(walk) and {one["because"] for one in dropped} == {BECAUSE},
        seen=f'left out {len(dropped)} times, "{BECAUSE}"; nothing is parked any more',
    )


async def _send_what_nobody_can_read(walk: Walk, record: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=walk.stack.kafka_servers) as producer:
        await producer.send_and_wait("quotes.events", b"no fact", key=record.encode())


def _parked(walk: Walk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = walk.operator.run("parked", "list")["items"]
    return found


def _waiting(walk: Walk) -> list[dict[str, Any]]:
    of_retention = [one for one in _parked(walk) if one["service"] == "retention"]
    return [one for one in of_retention if one["reason"] != UNREADABLE]


def _heard_offers(walk: Walk, case: str) -> int:
    """How often retention began the term anew because of an offer."""
    words = ("--service", "retention", "--record", walk.quotes[case])
    facts: list[dict[str, Any]] = walk.operator.run("events", "list", *words)["items"]
    return [fact["name"] for fact in facts].count("ClockStarted") - 1

"""The four services, put on asking ports: what each does when it hears, and what its facts owe."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from joserfc.jwk import OKPKey

from libs.doors.links import Links
from libs.events.clock import FixedClock
from libs.events.errors import Conflict
from libs.events.event import Event
from libs.events.hearing import Aside, Heard, Progress
from libs.events.ids import CountedIds
from libs.events.inbox import Inbox
from libs.events.log import EFFECTS
from libs.events.message import to_message
from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.work import Reaction, Work
from libs.keyring.blind_index import BlindIndex
from libs.policy.loader import load_policy
from services.billing.api import bus as billing_bus
from services.billing.app import effects as billing_effects
from services.billing.main import hold_rule
from services.consent.api import bus as consent_bus
from services.consent.app import effects as consent_effects
from services.consent.app.request_links import RequestLinks
from services.quotes.api import bus as quotes_bus
from services.quotes.app import effects as quotes_effects
from services.quotes.app.quote_links import QuoteLinks
from services.retention.api import bus as retention_bus
from services.retention.app.certificate import Certifier
from services.retention.app.erase import Eraser, PolicyStamp
from services.retention.app.reactions import Reactions
from services.retention.main import OWED as RETENTION_OWED
from services.retention.main import terms_of
from tests.simulation.asking import CONNECTION, Ask, Asking, Numbers, Spot
from tests.unit.services.billing.examples import SELLER
from tests.unit.services.retention.whole_stories import WholeStories

POLICY = load_policy()
BLIND_INDEX = BlindIndex(b"b" * 32)
LINKS = Links(b"l" * 32)
CERTIFIER = Certifier(OKPKey.generate_key("Ed25519"))
PUBLIC_URL = "https://flux3d.example"
TERMS = terms_of(POLICY)
RULE = hold_rule(POLICY)

OWED: Mapping[Owner, EFFECTS] = {
    Owner.QUOTES: quotes_effects.OWED,
    Owner.CONSENT: consent_effects.OWED,
    Owner.BILLING: billing_effects.OWED,
    Owner.RETENTION: RETENTION_OWED,
}
HEARS: Mapping[Owner, tuple[Owner, ...]] = {
    Owner.QUOTES: quotes_bus.HEARS,
    Owner.CONSENT: consent_bus.HEARS,
    Owner.BILLING: billing_bus.HEARS,
    Owner.RETENTION: retention_bus.HEARS,
}


def reactions_of(spot: Spot, record: UUID) -> Mapping[type[Event], Reaction]:
    """What the service of this spot does when it hears others."""
    match spot.owner:
        case Owner.QUOTES:
            return quotes_bus.make_reactions(spot.keyring)
        case Owner.CONSENT:
            return consent_bus.make_reactions(spot.keyring)
        case Owner.BILLING:
            return billing_bus.make_reactions(spot.keyring, RULE, Numbers(record))
        case Owner.RETENTION:
            reactions = Reactions(terms=TERMS, keyring=spot.keyring)
            return retention_bus.make_reactions(reactions)


def _reacted(owner: Owner) -> frozenset[type[Event]]:
    spot = Spot(owner, FixedClock(datetime(2026, 1, 1, tzinfo=UTC)), CountedIds())
    return frozenset(reactions_of(spot, UUID(int=0)))


REACTED = {owner: _reacted(owner) for owner in Owner}
"""What each service has a reaction to; all other facts only count."""


@dataclass(frozen=True)
class Lying:
    """A fact as it lies on its topic."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    partition: int = 0
    offset: int = 0


def lying(fact: Recorded) -> Lying:
    """The fact as the relay sent it."""
    message = to_message(fact)
    return Lying(f"{fact.owner}.events", message.key, message.value, message.headers)


async def hear(spot: Spot, fact: Recorded) -> None:
    """Takes one message in as the inbox does: weighed, reacted to, kept with its progress.

    Why: weighing, reacting and holding back are the inbox's own code; only its transaction is one
    port call here, and a conflict begins it again.
    """
    message = cast("Heard", lying(fact))
    inbox = Inbox(cast("PostgresLog", spot.log), spot.stamp, reactions_of(spot, fact.record))
    while True:
        progress = await Ask("progress", "of", (spot.owner, fact.owner, fact.record))
        progresses: dict[UUID, Progress] = {fact.record: progress}
        work = Work(CONNECTION, spot.stamp, spot.log.load_many)
        one = await inbox.take(work, progresses, message, inbox.read(message))
        try:
            await _keep(spot, fact, work, progresses[fact.record], one)
        except Conflict:
            continue
        return


async def _keep(
    spot: Spot, fact: Recorded, work: Work, progress: Progress, one: Aside | None
) -> None:
    heard = (spot.owner, fact.owner, fact.record)
    await spot.log.write(CONNECTION, work.appends, heard=heard, progress=progress, parked=one)


Carry = Callable[[Recorded], Awaitable[None]]


def effects_of(spot: Spot) -> Mapping[str, Carry]:
    """What the facts of the service of this spot owe to the outside."""
    match spot.owner:
        case Owner.QUOTES:
            return _quotes_letters(spot)
        case Owner.CONSENT:
            return _consent_letters(spot)
        case Owner.BILLING:
            return _billing_effects(spot)
        case Owner.RETENTION:
            eraser = eraser_of(spot)
            return {
                "begin_erasure": eraser.begin_erasure,
                "destroy_keys": eraser.destroy_keys,
                "complete_erasure": eraser.complete_erasure,
            }


async def carry_out(spot: Spot, fact: Recorded, effect: str) -> None:
    """One effect of one fact."""
    await effects_of(spot)[effect](fact)


def eraser_of(spot: Spot) -> Eraser:
    """Retention's steps of an erasure."""
    return Eraser(
        log=spot.desk.log,
        facts=WholeStories(spot.desk.log),
        desk=spot.desk,
        keyring=spot.keyring,
        journaling=cast("Any", Asking("journal")),
        clock=spot.clock,
        certifier=CERTIFIER,
        policy=PolicyStamp(version=POLICY.version, digest=POLICY.digest),
    )


def _billing_effects(spot: Spot) -> Mapping[str, Carry]:
    outside = billing_effects.Outside(
        desk=spot.desk,
        keyring=spot.keyring,
        shelf=cast("Any", Asking("shelf")),
        seller=SELLER,
    )
    return {
        billing_effects.PLACE_HOLD: partial(billing_effects.place_hold, outside=outside),
        billing_effects.STORE_INVOICE: partial(billing_effects.store_invoice, outside=outside),
        billing_effects.SCRUB: partial(billing_effects.scrub, outside=outside),
    }


def _quotes_letters(spot: Spot) -> Mapping[str, Carry]:
    letters = quotes_effects.Letters(
        log=spot.desk.log,
        keyring=spot.keyring,
        mailer=cast("Any", Asking("mail")),
        links=QuoteLinks(links=LINKS, public_url=PUBLIC_URL, terms=POLICY.terms),
    )
    return {
        quotes_effects.MAIL_CONFIRMATION: letters.mail_confirmation,
        quotes_effects.MAIL_OFFER: letters.mail_offer,
    }


def _consent_letters(spot: Spot) -> Mapping[str, Carry]:
    letters = consent_effects.Letters(
        desk=spot.desk,
        keyring=spot.keyring,
        mailer=cast("Any", Asking("mail")),
        links=RequestLinks(links=LINKS, public_url=PUBLIC_URL),
        company=POLICY.company,
    )
    return {
        consent_effects.MAIL_CONFIRMATION: letters.mail_confirmation,
        consent_effects.MAIL_OUTCOME: letters.mail_outcome,
    }

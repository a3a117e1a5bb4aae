"""What must hold after every step, and what must hold when nothing is left to do."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from libs.events.catalogue import parts_of
from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.view import fold_rows
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceHoldReleased, OrderPlaced
from libs.events.vocabulary.quotes import QuoteAccepted
from libs.events.vocabulary.retention import (
    ErasureBegun,
    ErasureCompleted,
    RecordErased,
)
from libs.events.vocabulary.scrubbing import RecordAbandoned, RecordScrubbed
from services.quotes.main import QUOTE_STATUS
from tests.simulation.world import World

OWNERS = (Owner.QUOTES, Owner.CONSENT, Owner.BILLING)
"""Who must answer; written here again, so that the product cannot forget one unseen."""


class Broken(AssertionError):
    """A promise was broken; the text names it."""


def check_step(before: World, after: World) -> None:
    """What one step may never do.

    Raises: Broken.
    """
    if after.shelf is not before.shelf:
        _key_that_was_destroyed_stays_so(before, after)
        _what_is_held_is_not_destroyed(before, after)
    for fact in new_facts(before, after):
        _nothing_is_sealed_after_its_scrub(fact, after)
        if isinstance(fact.event, ErasureCompleted):
            _every_owner_answered(fact.record, after)


def new_facts(before: World, after: World) -> Iterator[Recorded]:
    """The facts that the step kept."""
    for owner, said in after.said.items():
        yield from said[len(before.said.get(owner, ())) :]


def _key_that_was_destroyed_stays_so(before: World, after: World) -> None:
    """I7: no step brings a destroyed key back."""
    for record, row in after.shelf.records.items():
        known = before.shelf.records.get(record)
        lost = set(known.fences) - set(row.fences) if known else set()
        back = set(row.fences) & set(row.keys)
        if known and known.erased_at:
            back |= set(row.keys) - set(known.keys)
        if lost or back:
            message = f"I7: a key of {record} came back after its destruction: {lost | back}"
            raise Broken(message)


def _what_is_held_is_not_destroyed(before: World, after: World) -> None:
    """I9: no hold at the keyring is passed over."""
    for record, row in after.shelf.records.items():
        known = before.shelf.records.get(record)
        for category in set(row.fences) - set(known.fences if known else ()):
            if known and known.is_held(category):
                message = f"I9: {category} of {record} was destroyed under a hold"
                raise Broken(message)


def billing_holds(world: World, record: UUID) -> bool:
    """Whether billing's own log says that the law keeps the record."""
    holds = [
        isinstance(one.event, InvoiceHoldPlaced)
        for one in world.story(Owner.BILLING, record)
        if isinstance(one.event, InvoiceHoldPlaced | InvoiceHoldReleased)
    ]
    return bool(holds) and holds[-1]


def _nothing_is_sealed_after_its_scrub(fact: Recorded, world: World) -> None:
    """I8: no fact is kept under a key that its service knows to be gone, or that never was."""
    row = world.shelf.records.get(fact.record)
    earlier = world.story(fact.owner, fact.record)[: fact.version - 1]
    for part in parts_of(fact.event).values():
        category = Category(part.category)
        if row is None or (category not in row.keys and category not in row.fences):
            message = f"I8: {fact.name} of {fact.record} was kept before its key was made"
            raise Broken(message)
        if any(
            isinstance(one.event, RecordAbandoned)
            or (isinstance(one.event, RecordScrubbed) and category in one.event.categories)
            for one in earlier
        ):
            message = f"I8: {fact.name} of {fact.record} was kept after its scrub"
            raise Broken(message)


def _every_owner_answered(erasure: UUID, world: World) -> None:
    """An erasure completes on answers, never on silence."""
    for fact in world.said[Owner.RETENTION]:
        if isinstance(fact.event, RecordErased) and fact.event.erasure == erasure:
            silent = [one for one in OWNERS if not _answered(world, one, fact.record, erasure)]
            if fact.event_id not in world.journal:
                message = f"erasure {erasure} was completed before {fact.record} was journaled"
                raise Broken(message)
            if silent:
                message = f"erasure {erasure} was completed without {', '.join(silent)}"
                raise Broken(message)


def _answered(world: World, owner: Owner, record: UUID, erasure: UUID) -> bool:
    return any(
        isinstance(one.event, RecordScrubbed) and one.event.erasure == erasure
        for one in world.story(owner, record)
    )


def check_rest(world: World, outcomes: dict[str, str]) -> None:
    """What must hold when every message was heard and every effect carried out.

    Raises: Broken.
    """
    if world.parked:
        raise Broken("parked: " + "; ".join(world.parked))
    _every_erasure_is_complete(world)
    for record in {record for _, record in world.stories}:
        _order_and_erasure_agree(world, record)
        _views_are_blank(world, record)
    _rebuilt_view_is_the_live_one(world, outcomes)


def _every_erasure_is_complete(world: World) -> None:
    for (owner, record), story in world.stories.items():
        kinds = [type(one.event) for one in story]
        if owner is Owner.RETENTION and ErasureBegun in kinds and ErasureCompleted not in kinds:
            message = f"erasure {record} was begun and never completed"
            raise Broken(message)


def _order_and_erasure_agree(world: World, record: UUID) -> None:
    """I10: who accepted has an order, an order has its key, and an erasure is known to all."""
    accepted = _said(world, Owner.QUOTES, record, QuoteAccepted)
    ordered = _said(world, Owner.BILLING, record, OrderPlaced)
    if accepted != ordered:
        message = f"I10: {record} accepted at quotes: {accepted}, ordered at billing: {ordered}"
        raise Broken(message)
    row = world.shelf.records.get(record)
    if row and Category.BILLING in row.fences and billing_holds(world, record):
        message = f"I9: billing says that it holds {record}, and its key is destroyed"
        raise Broken(message)
    gone = set(row.fences) if row else set()
    for owner in OWNERS:
        known = {str(one) for one in _scrubbed(world, owner, record)}
        if known != gone:
            message = f"I10: of {record} {sorted(gone)} is gone, {owner} knows {sorted(known)}"
            raise Broken(message)


def _said(world: World, owner: Owner, record: UUID, kind: type[Any]) -> bool:
    return any(isinstance(one.event, kind) for one in world.story(owner, record))


def _scrubbed(world: World, owner: Owner, record: UUID) -> set[Category]:
    return {
        category
        for one in world.story(owner, record)
        if isinstance(one.event, RecordScrubbed)
        for category in one.event.categories
    }


def _views_are_blank(world: World, record: UUID) -> None:
    story = [
        one for one in world.story(Owner.QUOTES, record) if type(one.event) in QUOTE_STATUS.hears
    ]
    rows = fold_rows(QUOTE_STATUS, {}, story)
    if fold_rows(QUOTE_STATUS, rows, story) != rows:
        message = f"I2: the quote {record} heard twice gives another row"
        raise Broken(message)
    row = rows.get((record,))
    if row and row.details and Category.QUOTE in _scrubbed(world, Owner.QUOTES, record):
        message = f"I6: the row of {record} still has its box"
        raise Broken(message)


def _rebuilt_view_is_the_live_one(world: World, outcomes: dict[str, str]) -> None:
    """I2: what a rebuild that ran meanwhile had seen is what the log says up to there."""
    built = outcomes.get("rebuild")
    heard = [
        one for one in world.said.get(Owner.QUOTES, ()) if type(one.event) in QUOTE_STATUS.hears
    ]
    seen = {
        f"built {sorted(map(repr, fold_rows(QUOTE_STATUS, {}, heard[:upto]).values()))}"
        for upto in range(len(heard) + 1)
    }
    if built is not None and built not in seen:
        message = f"I2: a rebuild gave a view that never was: {built}"
        raise Broken(message)


def check_end(world: World) -> None:
    """When every term and hold is over, nothing of anyone is left, with nobody acting.

    Shape:  that goes too for a key whose fact was never kept, because the process died between.
    Raises: Broken.
    """
    for record, row in world.shelf.records.items():
        if row.keys or row.subject is not None:
            message = f"{record} still has {sorted(row.keys)} when all is over: {row!r}"
            raise Broken(message)
    if world.documents:
        message = f"documents are left when all is over: {sorted(world.documents)}"
        raise Broken(message)

"""What every keyring must do; the tests of each implementation inherit these rules.

Shape: an implementation gives the fixture `roles`, a `Roles` over a keyring shared by its tests.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import uuid_utils

from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.keyring.openings import (
    Destroyed,
    Held,
    HoldRequest,
    KeyringRefused,
    LinkedRecord,
    Missing,
    RecordErased,
    Shredded,
)

Roles = Callable[[str], Keyring]
AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(days=400)
MUCH_LATER = AT + timedelta(days=3000)
UNTIL = date(2033, 12, 31)
ORDER_HOLD = HoldRequest("billing", "order", "legal obligation")
INVOICE_HOLD = HoldRequest("billing", "invoice", "fiscal retention", UNTIL)


def new_id() -> UUID:
    """An id that no other test uses."""
    return UUID(int=uuid_utils.uuid7().int)


def new_index() -> bytes:
    """A blind index that no other test uses."""
    return new_id().bytes + new_id().bytes


async def make_quote(roles: Roles, *, subject: bytes | None = None, at: datetime = AT) -> UUID:
    """A quote request's record with its key."""
    record = new_id()
    await roles("quotes").make_keys(
        record, kind="quote", categories=["quote"], subject=subject, at=at
    )
    return record


async def accept(roles: Roles, record: UUID, *, at: datetime = AT) -> dict[str, DataKey]:
    """The billing key and its provisional hold, as an acceptance makes them."""
    return await roles("quotes").make_keys(
        record, kind="quote", categories=["billing"], subject=None, at=at, hold=ORDER_HOLD
    )


class MakingConformance:
    """Making and opening keys."""

    async def test_made_key_opens_as_made(self, roles: Roles) -> None:
        """What was made is what opens, with all 256 bits."""
        record, quotes = new_id(), roles("quotes")
        made = await quotes.make_keys(
            record, kind="quote", categories=["quote"], subject=None, at=AT
        )
        assert (await quotes.open_keys([(record, "quote")]))[record, "quote"] == made["quote"]
        assert len(made["quote"].secret) == 32

    async def test_making_twice_gives_the_same_key(self, roles: Roles) -> None:
        """A key that is there is given back, not made again."""
        record = await make_quote(roles)
        first = await accept(roles, record)
        assert await accept(roles, record) == first

    async def test_every_place_has_its_own_key(self, roles: Roles) -> None:
        """No two records and no two categories share a key."""
        made = [
            await roles("quotes").make_keys(
                new_id(), kind="quote", categories=["quote", "billing"], subject=None, at=AT
            )
            for _ in range(2)
        ]
        assert len({key.secret for keys in made for key in keys.values()}) == 4

    async def test_key_never_made_is_missing(self, roles: Roles) -> None:
        """What never was is not called erased."""
        place = (new_id(), "quote")
        assert await roles("quotes").open_keys([place]) == {place: Missing("quote")}

    async def test_opening_nothing_gives_nothing(self, roles: Roles) -> None:
        """An empty question has an empty answer."""
        assert await roles("quotes").open_keys([]) == {}

    async def test_own_old_records_are_listed_by_id(self, roles: Roles) -> None:
        """Who made a first key before a moment finds the record again, page by page."""
        start = new_id()
        old = [await make_quote(roles) for _ in range(3)]
        young, erased = await make_quote(roles, at=MUCH_LATER), await make_quote(roles)
        await roles("retention").destroy(erased, erasure=new_id(), at=AT)
        await accept(roles, old[0], at=MUCH_LATER)
        quotes = roles("quotes")
        found = await quotes.records_made(after=start, before=LATER, limit=1000)
        assert [one for one in found if one in {*old, young, erased}] == old
        assert await quotes.records_made(after=old[0], before=LATER, limit=1) == [old[1]]
        assert await roles("consent").records_made(after=start, before=LATER, limit=1000) == []

    async def test_secret_is_never_printed(self, roles: Roles) -> None:
        """A key in a log line or a traceback shows its place only."""
        keys = await accept(roles, await make_quote(roles))
        assert "secret" not in repr(keys)


class DestructionConformance:
    """Destroying keys, and what stays."""

    async def test_destroyed_key_is_shredded(self, roles: Roles) -> None:
        """After destruction the answer is shredded, with the moment."""
        record = await make_quote(roles)
        erasure = new_id()
        outcome = await roles("retention").destroy(record, erasure=erasure, at=LATER)
        assert outcome.destroyed == (Destroyed("quote", LATER, erasure),)
        opened = await roles("quotes").open_keys([(record, "quote")])
        assert opened[record, "quote"] == Shredded("quote", LATER)

    async def test_key_is_not_made_again(self, roles: Roles) -> None:
        """P26: asking for the key of an erased record fails loudly and makes nothing."""
        record = await make_quote(roles)
        await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        with pytest.raises(RecordErased, match=str(record)):
            await roles("quotes").make_keys(
                record, kind="quote", categories=["quote"], subject=new_index(), at=LATER
            )
        opened = await roles("quotes").open_keys([(record, "quote")])
        assert opened[record, "quote"] == Shredded("quote", LATER)

    async def test_other_category_is_not_begun_after_erasure(self, roles: Roles) -> None:
        """An acceptance that comes after the erasure is refused: one outcome for both sides."""
        record = await make_quote(roles)
        await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        with pytest.raises(RecordErased):
            await accept(roles, record, at=LATER)

    async def test_record_without_keys_is_fenced(self, roles: Roles) -> None:
        """Destroying what never had a key gives an empty outcome and still lets none be made."""
        record = new_id()
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=AT)
        assert (outcome.destroyed, outcome.held) == ((), ())
        with pytest.raises(RecordErased):
            await roles("quotes").make_keys(
                record, kind="quote", categories=["quote"], subject=None, at=AT
            )

    async def test_destroying_twice_tells_the_same(self, roles: Roles) -> None:
        """A repeated destruction changes no moment."""
        record, erasure = await make_quote(roles), new_id()
        await accept(roles, record)
        first = await roles("retention").destroy(record, erasure=erasure, at=LATER)
        again = await roles("retention").destroy(record, erasure=erasure, at=MUCH_LATER)
        assert first == again

    async def test_neighbour_keeps_its_key(self, roles: Roles) -> None:
        """P35: destroying one record leaves every other as it was."""
        doomed, neighbour = await make_quote(roles), await make_quote(roles)
        await roles("retention").destroy(doomed, erasure=new_id(), at=LATER)
        opened = await roles("quotes").open_keys([(doomed, "quote"), (neighbour, "quote")])
        assert isinstance(opened[neighbour, "quote"], DataKey)


class HoldConformance:
    """Holds: what the law keeps, and until when."""

    async def test_held_category_stays(self, roles: Roles) -> None:
        """P37: the quote goes at once, the billing key stays, with reason and date."""
        record = await make_quote(roles)
        made = await accept(roles, record)
        await roles("billing").place_hold(record, "billing", INVOICE_HOLD, at=AT)
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        assert [one.category for one in outcome.destroyed] == ["quote"]
        assert outcome.held == (
            Held("billing", "invoice", "fiscal retention", UNTIL),
            Held("billing", "order", "legal obligation", None),
        )
        opened = await roles("billing").open_keys([(record, "billing")])
        assert opened[record, "billing"] == made["billing"]

    async def test_released_category_goes_with_the_next_destruction(self, roles: Roles) -> None:
        """P37: when the hold ends, the same path destroys the rest; the first moment stays."""
        record, first, second = await make_quote(roles), new_id(), new_id()
        await accept(roles, record)
        await roles("retention").destroy(record, erasure=first, at=AT)
        await roles("billing").release_hold(record, "billing", "order", at=LATER)
        outcome = await roles("retention").destroy(record, erasure=second, at=MUCH_LATER)
        assert outcome.held == ()
        assert outcome.destroyed == (
            Destroyed("billing", MUCH_LATER, second),
            Destroyed("quote", AT, first),
        )

    async def test_hold_of_the_same_reason_is_replaced(self, roles: Roles) -> None:
        """A provisional hold becomes the final one."""
        record = await make_quote(roles)
        await accept(roles, record)
        final = HoldRequest("billing", "order", "fiscal retention", UNTIL)
        await roles("billing").place_hold(record, "billing", final, at=LATER)
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        assert outcome.held == (Held("billing", "order", "fiscal retention", UNTIL),)

    async def test_repeated_acceptance_does_not_undo_the_final_hold(self, roles: Roles) -> None:
        """What billing knows of the hold is not replaced by the provisional one."""
        record = await make_quote(roles)
        await accept(roles, record)
        final = HoldRequest("billing", "order", "fiscal retention", UNTIL)
        await roles("billing").place_hold(record, "billing", final, at=LATER)
        await accept(roles, record, at=MUCH_LATER)
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=MUCH_LATER)
        assert outcome.held == (Held("billing", "order", "fiscal retention", UNTIL),)

    async def test_late_placement_does_not_bring_a_released_hold_back(self, roles: Roles) -> None:
        """A repeated placement that is older than the release changes nothing."""
        record = await make_quote(roles)
        await accept(roles, record)
        await roles("billing").release_hold(record, "billing", "order", at=LATER)
        await roles("billing").place_hold(record, "billing", ORDER_HOLD, at=AT)
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        assert outcome.held == ()

    async def test_hold_on_a_destroyed_key_is_refused(self, roles: Roles) -> None:
        """A hold that comes too late says so."""
        record = await make_quote(roles)
        await accept(roles, record)
        await roles("billing").release_hold(record, "billing", "order", at=LATER)
        await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        with pytest.raises(RecordErased):
            await roles("billing").place_hold(record, "billing", INVOICE_HOLD, at=LATER)

    async def test_hold_without_a_key_is_refused(self, roles: Roles) -> None:
        """A hold on nothing is a defect, not an erasure."""
        with pytest.raises(KeyringRefused, match="no billing key"):
            await roles("billing").place_hold(new_id(), "billing", INVOICE_HOLD, at=AT)

    async def test_releasing_nothing_changes_nothing(self, roles: Roles) -> None:
        """A repeated or misplaced release is harmless."""
        record = await make_quote(roles)
        await roles("billing").release_hold(record, "billing", "order", at=AT)
        opened = await roles("quotes").open_keys([(record, "quote")])
        assert isinstance(opened[record, "quote"], DataKey)


class SubjectConformance:
    """Whose a record is."""

    async def test_records_of_one_subject_are_found(self, roles: Roles) -> None:
        """All records of a person are found by the blind index, oldest first, and no others."""
        subject = new_index()
        older = await make_quote(roles, subject=subject)
        newer = await make_quote(roles, subject=subject, at=LATER)
        await make_quote(roles, subject=new_index())
        expected = [LinkedRecord(older, "quote"), LinkedRecord(newer, "quote")]
        assert await roles("retention").records_of(subject) == expected
        assert await roles("retention").records_with(newer) == expected
        assert await roles("quotes").find_record(subject, "quote") == newer

    async def test_new_records_of_one_kind_are_counted(self, roles: Roles) -> None:
        """Counted are a subject's records of that kind, made after the moment and not erased."""
        subject, kind, consent = new_index(), "rights_request", roles("consent")
        made = [new_id() for _ in range(3)]
        for record, at in zip(made, (AT, LATER, MUCH_LATER), strict=True):
            await consent.make_keys(record, kind=kind, categories=[kind], subject=subject, at=at)
        await make_quote(roles, subject=subject, at=LATER)
        assert await consent.count_records(subject, kind, after=AT) == 2
        await roles("retention").destroy(made[1], erasure=new_id(), at=MUCH_LATER)
        assert await consent.count_records(subject, kind, after=AT) == 1
        assert await consent.count_records(new_index(), kind, after=AT) == 0

    async def test_erased_record_is_forgotten(self, roles: Roles) -> None:
        """P32: after the erasure the address finds nothing."""
        subject = new_index()
        record = await make_quote(roles, subject=subject)
        await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        assert await roles("retention").records_of(subject) == []
        assert await roles("retention").records_with(record) == []
        assert await roles("quotes").find_record(subject, "quote") is None

    async def test_held_record_stays_linked(self, roles: Roles) -> None:
        """What is still kept is still the person's, so that they can be told of it."""
        subject = new_index()
        record = await make_quote(roles, subject=subject)
        await accept(roles, record)
        await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        assert await roles("retention").records_of(subject) == [LinkedRecord(record, "quote")]

    async def test_new_record_after_erasure_is_a_new_beginning(self, roles: Roles) -> None:
        """The same address may come back, with a new record and a new key."""
        subject = new_index()
        erased = await make_quote(roles, subject=subject)
        await roles("retention").destroy(erased, erasure=new_id(), at=LATER)
        again = await make_quote(roles, subject=subject, at=MUCH_LATER)
        assert await roles("retention").records_of(subject) == [LinkedRecord(again, "quote")]

    async def test_record_without_subject_belongs_to_nobody(self, roles: Roles) -> None:
        """A record may have no person at all."""
        record = await make_quote(roles)
        assert await roles("retention").records_with(record) == []

    async def test_link_once_made_stays(self, roles: Roles) -> None:
        """A second address does not move a record to another subject."""
        first, second = new_index(), new_index()
        record = await make_quote(roles, subject=first)
        await roles("quotes").make_keys(
            record, kind="quote", categories=["quote"], subject=second, at=LATER
        )
        assert await roles("retention").records_of(second) == []
        assert await roles("retention").records_of(first) == [LinkedRecord(record, "quote")]


class RoleConformance:
    """Who may do what."""

    @pytest.mark.parametrize("role", ["quotes", "consent", "billing"])
    async def test_only_retention_destroys(self, roles: Roles, role: str) -> None:
        """No service but retention can destroy a key."""
        record = await make_quote(roles)
        with pytest.raises(KeyringRefused):
            await roles(role).destroy(record, erasure=new_id(), at=AT)
        opened = await roles("quotes").open_keys([(record, "quote")])
        assert isinstance(opened[record, "quote"], DataKey)

    @pytest.mark.parametrize("role", ["consent", "billing", "retention"])
    async def test_only_quotes_opens_a_quote(self, roles: Roles, role: str) -> None:
        """What a person wrote to quotes is read by quotes alone."""
        record = await make_quote(roles)
        with pytest.raises(KeyringRefused):
            await roles(role).open_keys([(record, "quote")])

    async def test_quotes_does_not_open_billing(self, roles: Roles) -> None:
        """Who may make a key may not therefore read what others sealed with it."""
        record = await make_quote(roles)
        await accept(roles, record)
        with pytest.raises(KeyringRefused):
            await roles("quotes").open_keys([(record, "billing")])

    async def test_quotes_gets_no_billing_key_of_another_maker(self, roles: Roles) -> None:
        """Asking to make a key is no way to read one."""
        record = new_id()
        await roles("billing").make_keys(
            record, kind="quote", categories=["billing"], subject=None, at=AT
        )
        with pytest.raises(KeyringRefused):
            await roles("quotes").make_keys(
                record, kind="quote", categories=["billing"], subject=None, at=AT
            )

    async def test_consent_makes_no_quote_key(self, roles: Roles) -> None:
        """A role makes keys of its own categories only, and nothing else comes of the try."""
        record, subject = new_id(), new_index()
        with pytest.raises(KeyringRefused):
            await roles("consent").make_keys(
                record, kind="quote", categories=["consent", "quote"], subject=subject, at=AT
            )
        assert await roles("retention").records_of(subject) == []

    async def test_quotes_releases_no_hold(self, roles: Roles) -> None:
        """Only billing says that the law's term is over."""
        record = await make_quote(roles)
        await accept(roles, record)
        with pytest.raises(KeyringRefused):
            await roles("quotes").release_hold(record, "billing", "order", at=LATER)

    @pytest.mark.parametrize("role", ["quotes", "consent", "billing"])
    async def test_only_retention_reads_links(self, roles: Roles, role: str) -> None:
        """Whose records are whose is for the erasure path only."""
        with pytest.raises(KeyringRefused):
            await roles(role).records_of(new_index())

    async def test_record_of_another_service_is_not_found(self, roles: Roles) -> None:
        """A service finds only records that it may open."""
        subject = new_index()
        await make_quote(roles, subject=subject)
        assert await roles("consent").find_record(subject, "quote") is None


class KeyringConformance(
    MakingConformance,
    DestructionConformance,
    HoldConformance,
    SubjectConformance,
    RoleConformance,
):
    """All the rules of a keyring."""

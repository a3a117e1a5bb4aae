"""What every keyring must do with provisional holds; its tests inherit these rules too."""

from uuid import UUID

import pytest

from libs.keyring.openings import Held, HoldRequest, KeyringRefused, ProvisionalHold
from libs.keyring.testing.conformance import (
    AT,
    LATER,
    MUCH_LATER,
    UNTIL,
    Roles,
    accept,
    make_quote,
    new_id,
)

DATED_HOLD = HoldRequest("billing", "order", "fiscal retention", UNTIL)


async def provisional(roles: Roles, record: UUID) -> ProvisionalHold:
    """The provisional hold of a record, as quotes finds it."""
    found = await roles("quotes").provisional_holds("billing", before=MUCH_LATER, limit=10_000)
    (hold,) = [one for one in found if one.record == record]
    return hold


class TakingBackConformance:
    """Provisional holds: who placed one may take it back, while nothing has come of it."""

    async def test_own_provisional_holds_are_listed_oldest_first(self, roles: Roles) -> None:
        """What was placed before a moment is found, dated and later ones are not."""
        late, dated, old = [await make_quote(roles) for _ in range(3)]
        await accept(roles, late, at=MUCH_LATER)
        await accept(roles, dated, at=AT)
        await roles("billing").place_hold(dated, "billing", DATED_HOLD, at=LATER)
        await accept(roles, old, at=AT)
        quotes = roles("quotes")
        found = await quotes.provisional_holds("billing", before=LATER, limit=10_000)
        mine = [one for one in found if one.record in {late, dated, old}]
        assert mine == [ProvisionalHold(old, "billing", "order", AT)]
        assert found == sorted(found, key=lambda one: (one.placed_at, one.record))
        assert len(await quotes.provisional_holds("billing", before=LATER, limit=0)) == 0

    async def test_taken_back_hold_keeps_nothing(self, roles: Roles) -> None:
        """Once taken back it is listed no more, and the next destruction takes what it kept."""
        record = await make_quote(roles)
        await accept(roles, record)
        hold, quotes = await provisional(roles, record), roles("quotes")
        taken = [await quotes.take_back_hold(hold, at=LATER) for _ in range(2)]
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        assert (taken, outcome.held) == ([True, False], ())
        assert [one.category for one in outcome.destroyed] == ["billing", "quote"]

    async def test_hold_begun_anew_is_not_taken_back(self, roles: Roles) -> None:
        """An acceptance that comes after the hold was listed keeps it, whatever its clock says."""
        record = await make_quote(roles)
        await accept(roles, record)
        hold = await provisional(roles, record)
        await accept(roles, record, at=AT)
        assert not await roles("quotes").take_back_hold(hold, at=LATER)
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=LATER)
        assert outcome.held == (Held("billing", "order", "legal obligation", None),)

    async def test_acceptance_after_taking_back_is_held_again(self, roles: Roles) -> None:
        """A customer who accepts after all is held as if for the first time."""
        record = await make_quote(roles)
        made = await accept(roles, record)
        await roles("quotes").take_back_hold(await provisional(roles, record), at=LATER)
        again = await accept(roles, record, at=MUCH_LATER)
        outcome = await roles("retention").destroy(record, erasure=new_id(), at=MUCH_LATER)
        assert (again, [one.category for one in outcome.held]) == (made, ["billing"])

    async def test_dated_hold_is_not_taken_back(self, roles: Roles) -> None:
        """What billing knows of the hold is not undone by who placed the provisional one."""
        record = await make_quote(roles)
        await accept(roles, record)
        hold = await provisional(roles, record)
        await roles("billing").place_hold(record, "billing", DATED_HOLD, at=AT)
        assert not await roles("quotes").take_back_hold(hold, at=LATER)

    async def test_hold_of_another_role_is_not_taken_back(self, roles: Roles) -> None:
        """A role sees and takes back its own provisional holds only."""
        record = await make_quote(roles)
        await accept(roles, record)
        hold, billing = await provisional(roles, record), roles("billing")
        found = await billing.provisional_holds("billing", before=LATER, limit=10_000)
        assert not await billing.take_back_hold(hold, at=LATER)
        assert record not in {one.record for one in found}

    @pytest.mark.parametrize("role", ["consent", "retention"])
    async def test_who_may_not_hold_takes_nothing_back(self, roles: Roles, role: str) -> None:
        """Taking back is for who may hold."""
        hold = ProvisionalHold(new_id(), "billing", "order", AT)
        with pytest.raises(KeyringRefused):
            await roles(role).take_back_hold(hold, at=LATER)
        with pytest.raises(KeyringRefused):
            await roles(role).provisional_holds("billing", before=LATER, limit=1)

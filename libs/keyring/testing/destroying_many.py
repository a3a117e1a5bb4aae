"""What every keyring must do when many records go at once; its tests inherit these rules too."""

from libs.keyring.keys import DataKey
from libs.keyring.openings import Shredded
from libs.keyring.testing.conformance import (
    AT,
    LATER,
    Roles,
    accept,
    make_quote,
    new_id,
    new_index,
)


class DestroyingManyConformance:
    """Records that go together go as each of them alone would."""

    async def test_each_record_has_its_own_outcome(self, roles: Roles) -> None:
        """What one loses, another keeps under its hold, and the third never had."""
        free, held, unknown = await make_quote(roles), await make_quote(roles), new_id()
        await accept(roles, held)
        erasure, retention = new_id(), roles("retention")
        told = await retention.destroy_all([held, free, unknown], erasure=erasure, at=LATER)
        assert [one.category for one in told[free].destroyed] == ["quote"]
        assert [one.category for one in told[held].destroyed] == ["quote"]
        assert [one.category for one in told[held].held] == ["billing"]
        assert (told[unknown].destroyed, told[unknown].held) == ((), ())
        for record, outcome in told.items():
            assert await retention.destroy(record, erasure=erasure, at=LATER) == outcome

    async def test_subject_of_several_records_is_forgotten_with_the_last(
        self, roles: Roles
    ) -> None:
        """Two records of one person go at once; a third, which is held, still leads to them."""
        person, retention = new_index(), roles("retention")
        first, second, third = [await make_quote(roles, subject=person) for _ in range(3)]
        await accept(roles, third)
        await retention.destroy_all([first, second, third], erasure=new_id(), at=LATER)
        assert [one.record for one in await retention.records_of(person)] == [third]

    async def test_neighbours_of_many_keep_their_keys(self, roles: Roles) -> None:
        """P35: only the named ones go."""
        doomed = [await make_quote(roles) for _ in range(3)]
        neighbour = await make_quote(roles, at=AT)
        await roles("retention").destroy_all(doomed, erasure=new_id(), at=LATER)
        places = [(record, "quote") for record in (*doomed, neighbour)]
        opened = await roles("quotes").open_keys(places)
        assert [type(opened[one]) for one in places] == [Shredded, Shredded, Shredded, DataKey]

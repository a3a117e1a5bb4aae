"""Values without what chance put into them, so that two ways can be told to be the same."""

from typing import Any

from libs.events.recorded import Recorded


def named(fact: Recorded) -> str:
    """A fact by its place, short."""
    return f"{fact.record.hex[-6:]}/{fact.version} {fact.name}"


def shape(thing: Any) -> Any:
    """The value as something to compare: no key, no box.

    Why: personal parts and keys do not print their content.
    """
    match thing:
        case Recorded():
            return _shape_of_fact(thing)
        case list() | tuple():
            return tuple(map(shape, thing))
        case dict():
            return tuple((key, shape(one)) for key, one in thing.items())
    return repr(thing)


_SHAPES: dict[int, tuple[Recorded, int]] = {}


def _shape_of_fact(fact: Recorded) -> int:
    known = _SHAPES.get(id(fact))
    if known is None or known[0] is not fact:
        told = (fact.record, fact.version, fact.recorded_at, repr(fact.event))
        known = _SHAPES[id(fact)] = (fact, hash(told))
    return known[1]


def shape_of_keyring(shelf: Any) -> Any:
    """What a keyring holds, without the secrets."""
    return tuple(
        (
            record,
            frozenset(row.keys),
            row.erased_at,
            row.subject is None,
            frozenset(
                (place, hold.wanted.until_on, hold.placed_at, hold.released_at)
                for place, hold in row.holds.items()
            ),
            frozenset(row.fences.values()),
        )
        for record, row in sorted(shelf.records.items())
    )

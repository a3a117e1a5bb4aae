"""A person's part is never mistaken for a value, and never shown."""

import pytest

from libs.events.catalogue import CATALOGUE, Entry
from libs.events.personal import Erased, Personal, PersonalPart, Sealed, personal_parts
from libs.events.values import Category
from libs.events.vocabulary.consent import Requester

PLAIN = Personal(Requester(email="noor@voorbeeld.example"))
SEALED: Personal[Requester] = Personal(Sealed(b"box"))
ERASED: Personal[Requester] = Personal(Erased("quote"))


def test_a_part_shows_its_state_only() -> None:
    """What lands in a log line or a traceback is the state, not the person."""
    assert [repr(one) for one in (PLAIN, SEALED, ERASED)] == [
        "Personal(plain)",
        "Personal(sealed)",
        "Personal(erased)",
    ]


def test_only_a_plain_part_is_read() -> None:
    """Reading a sealed or an erased part as a value is an error, never a blank."""
    assert PLAIN.plain.email == "noor@voorbeeld.example"
    for one in (SEALED, ERASED):
        with pytest.raises(TypeError, match="not plain"):
            _ = one.plain


def test_only_a_sealed_part_has_a_box() -> None:
    """Plain and erased parts have no bytes to keep."""
    assert SEALED.box == b"box"
    for one in (PLAIN, ERASED):
        with pytest.raises(TypeError, match="not sealed"):
            _ = one.box


def test_equal_parts_are_equal() -> None:
    """Parts are compared by what they hold, and by nothing else."""
    assert Personal(Sealed(b"box")) == SEALED
    assert hash(Personal(Sealed(b"box"))) == hash(SEALED)
    assert PLAIN not in {SEALED, ERASED}
    assert SEALED != b"box"


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.name)
def test_parts_are_found_by_their_type(entry: Entry) -> None:
    """The catalogue knows exactly the personal fields that the class declares."""
    assert dict(entry.parts) == personal_parts(entry.event_type)
    for part in entry.parts.values():
        assert issubclass(part, PersonalPart)
        assert Category(part.category) in Category
        assert part.why.endswith(".")

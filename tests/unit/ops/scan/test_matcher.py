"""Nothing is missed or counted twice where a file is read in parts."""

from io import BytesIO

import pytest

from ops.scan import matcher
from ops.scan.canaries import Canary
from ops.scan.matcher import Match, Matcher, Pattern, patterns_of

PATTERNS = [Pattern(b"needle", 0, "utf-8"), Pattern(b"needle in hay", 0, "longer")]
HAY = b"..needle....needle in hay..............needle"
PLACES = [Match(2, 0), Match(12, 0), Match(12, 1), Match(39, 0)]


def in_order(found: list[Match]) -> list[Match]:
    """Matches by place, then pattern."""
    return sorted(found, key=lambda one: (one.offset, one.pattern))


def test_every_match_is_found_also_inside_another() -> None:
    """A pattern that lies inside a longer one is found as well."""
    assert in_order(Matcher(PATTERNS).search(HAY)) == PLACES


@pytest.mark.parametrize("chunk_bytes", range(14, 50))
def test_chunks_cut_nothing(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a file is cut for reading, each match is found once."""
    monkeypatch.setattr(matcher, "CHUNK_BYTES", chunk_bytes)
    found = Matcher(PATTERNS).search_file(BytesIO(HAY), start=0, length=len(HAY))
    assert in_order(found) == PLACES


@pytest.mark.parametrize("cut", range(len(HAY) + 1))
def test_stretches_cut_nothing(cut: int) -> None:
    """Wherever a file is cut between two workers, each match is found once, by one of them."""
    one = Matcher(PATTERNS)
    found = one.search_file(BytesIO(HAY), start=0, length=cut)
    found += one.search_file(BytesIO(HAY), start=cut, length=len(HAY) - cut)
    assert in_order(found) == PLACES


@pytest.mark.parametrize("cut", range(len(HAY) + 1))
def test_what_was_searched_before_is_not_reported_again(cut: int) -> None:
    """Of a window only those matches are new that reach beyond what was searched already."""
    one = Matcher(PATTERNS)
    found = one.search(HAY[:cut]) + one.search_after(HAY, already=cut)
    assert in_order(found) == PLACES


def test_a_form_of_two_canaries_is_kept_once() -> None:
    """The same bytes are looked for once, and the plainest encoding names them."""
    patterns = patterns_of([Canary("a", "needles"), Canary("b", "needles")])
    assert len({one.form for one in patterns}) == len(patterns)
    assert next(one for one in patterns if one.form == b"needles").encoding == "utf-8"


def test_a_file_that_shrank_is_read_to_its_end() -> None:
    """A file that was longer when it was listed is searched as far as it goes."""
    found = Matcher(PATTERNS).search_file(BytesIO(HAY), start=0, length=10 * len(HAY))
    assert in_order(found) == PLACES

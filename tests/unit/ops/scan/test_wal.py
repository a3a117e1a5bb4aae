"""A text that the WAL's page header cut in two is seen."""

import pytest

from ops.scan.matcher import Matcher, Pattern
from ops.scan.wal import PAGE_BYTES, PAGE_HEADER_BYTES, seams

SECRET = b"Noor de Wit"
MATCHER = Matcher([Pattern(SECRET, 0, "utf-8")])


@pytest.mark.parametrize("left", range(1, len(SECRET)))
def test_text_across_two_pages_is_seen_once(left: int) -> None:
    """Wherever the page ends inside the text, its two halves are read as one."""
    page = bytes(PAGE_BYTES - left) + SECRET[:left]
    data = page + b"H" * PAGE_HEADER_BYTES + SECRET[left:] + bytes(PAGE_BYTES)
    assert MATCHER.search(data) == []
    found = [
        seam.offset + match.offset
        for seam in seams(data, MATCHER.reach)
        for match in MATCHER.search_after(seam.joined, already=seam.before)
        if seam.crosses(match)
    ]
    assert found == [PAGE_BYTES - left]


def test_text_inside_a_page_is_left_to_the_search_of_the_file() -> None:
    """A text that lies wholly in one page is not reported a second time."""
    after = PAGE_BYTES + PAGE_HEADER_BYTES
    data = bytearray(3 * PAGE_BYTES)
    data[after : after + len(SECRET)] = SECRET
    data[PAGE_BYTES - len(SECRET) : PAGE_BYTES] = SECRET
    for seam in seams(bytes(data), MATCHER.reach):
        found = MATCHER.search_after(seam.joined, already=seam.before)
        assert [match for match in found if seam.crosses(match)] == []

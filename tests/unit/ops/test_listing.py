"""Where a listing stopped is written down and read back."""

import pytest

from ops.listing import CursorRefused, read_cursor


def test_places_are_read_back() -> None:
    """A cursor names one place per log."""
    assert read_cursor("quotes:41,billing:7") == {"quotes": 41, "billing": 7}
    assert read_cursor(None) == {}


@pytest.mark.parametrize("text", ["quotes", "quotes:x", "quotes:1:2", ","])
def test_other_text_is_refused(text: str) -> None:
    """A text that no listing gave is refused."""
    with pytest.raises(CursorRefused, match="quotes:41"):
        read_cursor(text)

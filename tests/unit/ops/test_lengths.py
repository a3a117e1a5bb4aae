"""A moment is read as operators write it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.lengths import MomentRefused, read_moment, show_length

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1month", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        ("13 months", datetime(2027, 2, 28, 12, tzinfo=UTC)),
        ("8YEARS", datetime(2034, 1, 31, 12, tzinfo=UTC)),
        ("36hours", datetime(2026, 2, 2, 0, tzinfo=UTC)),
        # Over the change to summer time, 12:00 in Amsterdam stays 13:00 there.
        ("60days", datetime(2026, 4, 1, 11, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-12-31T23:59:59+01:00", datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)),
        ("2026-12-31T23:59:59Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_lengths_days_and_instants_are_read(text: str, moment: datetime) -> None:
    """A length counts by the calendar from now; a day begins in Amsterdam."""
    assert read_moment(text, now=NOW) == moment


@pytest.mark.parametrize("text", ["", "soon", "-3days", "2026-02-30", "999999years", "1 month ago"])
def test_other_text_is_refused_with_what_would_do(text: str) -> None:
    """A text that names no moment is refused, and the refusal shows how one is written."""
    with pytest.raises(MomentRefused, match="13months"):
        read_moment(text, now=NOW)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=4000)))
def test_length_in_words_adds_up(length: timedelta) -> None:
    """The words for a length are that length to the minute."""
    days, hours, minutes = (int(word) for word in show_length(length).split()[::2])
    assert timedelta(days=days, hours=hours, minutes=minutes) <= length
    assert length - timedelta(days=days, hours=hours, minutes=minutes) < timedelta(minutes=1)

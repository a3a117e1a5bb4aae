"""Links: one for looking, one for answering an offer until its date."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from libs.doors.links import Links
from libs.doors.refusals import LinkRefused
from libs.policy.loader import load_policy
from services.quotes.app.quote_links import OFFER, STATUS, QuoteLinks
from tests.unit.services.quotes.examples import NOON, RECORD, VALID_UNTIL_ON

LINKS = Links(b"s" * 32)
QUOTE_LINKS = QuoteLinks(
    links=LINKS, public_url="https://localhost:8443", terms=load_policy().terms
)


def token_of(url: str) -> str:
    """The token in a link."""
    return parse_qs(urlsplit(url).query)["token"][0]


def test_status_link_opens_its_quote() -> None:
    """The status link is at the quote's own door and good for looking."""
    url = QUOTE_LINKS.status_url(RECORD, since=NOON)
    claims = LINKS.read(token_of(url), STATUS, RECORD, now=NOON)
    assert (urlsplit(url).path, claims.purpose) == (f"/api/quotes/{RECORD}", STATUS)


def test_status_link_is_the_same_all_day() -> None:
    """A repeated answer holds the same link, to the byte."""
    later = NOON.replace(hour=13)
    assert QUOTE_LINKS.status_url(RECORD, since=NOON) == QUOTE_LINKS.status_url(RECORD, since=later)


def test_status_link_does_not_accept() -> None:
    """Who may look may not answer the offer."""
    token = token_of(QUOTE_LINKS.status_url(RECORD, since=NOON))
    with pytest.raises(LinkRefused):
        LINKS.read(token, OFFER, RECORD, now=NOON)


def offer_token() -> str:
    """The token in the link that accepts the second offer."""
    return token_of(
        QUOTE_LINKS.answer_url(RECORD, "acceptance", offer=2, valid_until_on=VALID_UNTIL_ON)
    )


def test_offer_link_names_its_offer() -> None:
    """The link answers the offer it was sent with, until the end of its last day."""
    last_minute = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
    assert LINKS.read(offer_token(), OFFER, RECORD, now=last_minute).nonce == "2"


def test_offer_link_ends_with_its_day() -> None:
    """After the last day in Amsterdam the link is over."""
    midnight = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    with pytest.raises(LinkRefused):
        LINKS.read(offer_token(), OFFER, RECORD, now=midnight)

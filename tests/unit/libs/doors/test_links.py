"""A mailed link does one thing with one record, for a while."""

from datetime import timedelta
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from libs.doors.links import Links
from libs.doors.refusals import LinkForged, LinkRefused
from tests.unit.libs.doors.conftest import NOW, SECRET

RECORD = UUID(int=7)
LINKS = Links(SECRET)
END = NOW + timedelta(days=30)


def test_link_is_the_same_for_the_same_inputs() -> None:
    """A repeated answer can hold the link again without keeping it."""
    first = LINKS.sign("offer", RECORD, expires_at=END, nonce="2")
    assert first == Links(SECRET).sign("offer", RECORD, expires_at=END, nonce="2")
    assert first != LINKS.sign("offer", RECORD, expires_at=END, nonce="3")


def test_link_is_a_signed_token_as_everybody_writes_it() -> None:
    """The library reads it by itself: header, claims and signature are those of RFC 7515."""
    token = LINKS.sign("offer", RECORD, expires_at=END, nonce="2")
    decoded = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"])
    assert decoded.header == {"alg": "HS256"}
    assert decoded.claims == {
        "aud": "flux3d-link",
        "pur": "offer",
        "sub": str(RECORD),
        "exp": int(END.timestamp()),
        "jti": "2",
    }


def test_link_says_what_it_is_for_until_it_is_over() -> None:
    """A genuine link is read with its nonce, and refused from its end on."""
    token = LINKS.sign("offer", RECORD, expires_at=END, nonce="2")
    claims = LINKS.read(token, "offer", RECORD, now=END - timedelta(seconds=1))
    assert (claims.purpose, claims.record, claims.expires_at, claims.nonce) == (
        "offer",
        RECORD,
        END,
        "2",
    )
    with pytest.raises(LinkRefused, match="over"):
        LINKS.read(token, "offer", RECORD, now=END)


def test_link_is_refused_for_another_record_or_purpose() -> None:
    """One link opens one door."""
    token = LINKS.sign("status", RECORD, expires_at=END)
    with pytest.raises(LinkRefused):
        LINKS.read(token, "status", UUID(int=8), now=NOW)
    with pytest.raises(LinkRefused):
        LINKS.read(token, "offer", RECORD, now=NOW)


def test_link_that_was_not_made_here_is_forged() -> None:
    """Another secret, a changed letter or no token at all is forged, and not repeated."""
    token = LINKS.sign("status", RECORD, expires_at=END)
    stranger = Links(b"y" * 32).sign("status", RECORD, expires_at=END)
    for wrong in (stranger, token[:-2], token + "AA", "x", "a.b.c", ""):
        with pytest.raises(LinkForged) as caught:
            LINKS.read(wrong, "status", RECORD, now=NOW)
        assert not wrong or wrong not in str(caught.value)

"""Keys change while the doors are open: old and new hold for a while, then the old is refused."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from libs.doors.key_file import split_keys, with_new_key
from libs.doors.links import Links
from libs.doors.refusals import LinkForged, NotSignedIn
from libs.doors.tokens import TokenVerifier, issue_token
from tests.unit.libs.doors.conftest import NOW

RECORD, OLD, NEW, NEWEST = UUID(int=7), "aa" * 32, "bb" * 32, "cc" * 32
END, HOUR = NOW + timedelta(days=30), timedelta(hours=1)


def key_pair() -> tuple[bytes, str]:
    """A fresh key that signs, and the one that checks it."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def test_link_of_the_old_secret_holds_until_the_window_ends(tmp_path: Path) -> None:
    """The running signer goes over to the new secret; the old one is trusted, then forged."""
    path = tmp_path / "link.key"
    path.write_text(OLD)
    links = Links.from_file(path)
    old = links.sign("offer", RECORD, expires_at=END)
    path.write_text(with_new_key(OLD, NEW, now=NOW, until=NOW + HOUR))
    new = links.sign("offer", RECORD, expires_at=END)
    assert new == Links(bytes.fromhex(NEW)).sign("offer", RECORD, expires_at=END) != old
    for token in (old, new):
        assert links.read(token, "offer", RECORD, now=NOW).record == RECORD
    assert links.read(new, "offer", RECORD, now=NOW + HOUR).record == RECORD
    with pytest.raises(LinkForged):
        links.read(old, "offer", RECORD, now=NOW + HOUR)


def test_token_of_the_old_key_holds_until_the_window_ends(tmp_path: Path) -> None:
    """The running verifier trusts both, then the new key only."""
    (old_private, old), (new_private, new) = key_pair(), key_pair()
    path = tmp_path / "verify.pem"
    path.write_text(old)
    verifier = TokenVerifier.from_file(path)
    path.write_text(with_new_key(old, new, now=NOW, until=NOW + HOUR / 2))
    tokens = [
        issue_token(one, name="a", roles=["staff"], now=NOW) for one in (old_private, new_private)
    ]
    assert [verifier.read(one, now=NOW).name for one in tokens] == ["a", "a"]
    assert verifier.read(tokens[1], now=NOW + HOUR / 2).name == "a"
    with pytest.raises(NotSignedIn):
        verifier.read(tokens[0], now=NOW + HOUR / 2)


def test_window_of_an_old_key_is_not_lengthened_and_ends_with_the_key() -> None:
    """A second change keeps the end that was stated for the first, and drops what is over."""
    once = with_new_key(OLD, NEW, now=NOW, until=NOW + HOUR)
    twice = with_new_key(once, NEWEST, now=NOW, until=NOW + 5 * HOUR)
    assert split_keys(twice) == [(NEWEST, None), (NEW, NOW + 5 * HOUR), (OLD, NOW + HOUR)]
    later = with_new_key(once, NEWEST, now=NOW + HOUR, until=NOW + 5 * HOUR)
    assert [key for key, _ in split_keys(later)] == [NEWEST, NEW]


def test_no_old_key_outlives_a_change_that_ends_them_all() -> None:
    """Where a key got into wrong hands nothing older holds on, whatever was stated before."""
    once = with_new_key(OLD, NEW, now=NOW, until=NOW + HOUR)
    ended = with_new_key(once, NEWEST, now=NOW, until=NOW)
    assert split_keys(ended) == [(NEWEST, None), (NEW, NOW), (OLD, NOW)]


@pytest.mark.parametrize("text", ["", "until 2026-11-23T12:00:00+00:00", "no key"])
def test_file_without_a_key_is_told(text: str) -> None:
    """Nothing is trusted because a file is empty."""
    with pytest.raises(ValueError, match="holds no key"):
        split_keys(text)

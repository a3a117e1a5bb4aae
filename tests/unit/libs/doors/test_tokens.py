"""Tokens are short-lived, signed by one key, and for us."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from libs.doors.refusals import NotSignedIn
from libs.doors.tokens import TokenVerifier, issue_token
from tests.unit.libs.doors.conftest import NOW

HOUR = timedelta(hours=1)


def signed(private_pem: bytes, **changed: object) -> str:
    """A token with claims of our choosing, signed by the true key."""
    at = int(NOW.timestamp())
    claims = {"aud": "flux3d", "sub": "ans", "roles": ["staff"], "iat": at, "exp": at + 60}
    key = OKPKey.import_key(private_pem)
    return jwt.encode({"alg": "Ed25519"}, {**claims, **changed}, key, algorithms=["Ed25519"])


def test_token_names_its_bearer_and_roles_while_it_is_valid(
    private_pem: bytes, verifier: TokenVerifier
) -> None:
    """A token is read as it was issued until the moment it ends."""
    token = issue_token(private_pem, name="ans", roles=["staff", "auditor"], now=NOW)
    claims = verifier.read(token, now=NOW + HOUR - timedelta(seconds=1))
    assert (claims.name, sorted(claims.roles)) == ("ans", ["auditor", "staff"])
    with pytest.raises(NotSignedIn):
        verifier.read(token, now=NOW + HOUR)


def test_token_is_not_valid_before_its_time(private_pem: bytes, verifier: TokenVerifier) -> None:
    """A token from the future is refused."""
    token = issue_token(private_pem, name="ans", roles=["staff"], now=NOW)
    with pytest.raises(NotSignedIn):
        verifier.read(token, now=NOW - HOUR)


def test_token_for_longer_than_twelve_hours_is_neither_issued_nor_trusted(
    private_pem: bytes, verifier: TokenVerifier
) -> None:
    """Twelve hours is the longest, whoever signed it."""
    with pytest.raises(ValueError, match="at most"):
        issue_token(
            private_pem, name="ans", roles=["staff"], now=NOW, valid_for=timedelta(hours=13)
        )
    with pytest.raises(NotSignedIn):
        verifier.read(signed(private_pem, exp=int(NOW.timestamp()) + 13 * 3600), now=NOW)


@pytest.mark.parametrize("roles", [[], ["root"], ["staff", "root"]])
def test_token_is_not_issued_for_unknown_roles(private_pem: bytes, roles: list[str]) -> None:
    """Only the three roles there are can be given."""
    with pytest.raises(ValueError, match="roles"):
        issue_token(private_pem, name="ans", roles=roles, now=NOW)


@pytest.mark.parametrize("changed", [{"aud": "other"}, {"sub": 7}, {"roles": "staff"}, {"exp": ""}])
def test_token_of_another_shape_or_audience_is_refused(
    private_pem: bytes, verifier: TokenVerifier, changed: dict[str, object]
) -> None:
    """A good signature is not enough."""
    with pytest.raises(NotSignedIn):
        verifier.read(signed(private_pem, **changed), now=NOW)


def test_token_of_another_key_or_algorithm_is_refused(verifier: TokenVerifier) -> None:
    """Neither a stranger's key, nor a secret one, nor none at all is trusted."""
    stranger = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    claims = {"aud": "flux3d", "sub": "ans", "roles": ["staff"], "iat": 0, "exp": 60}
    symmetric = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(b"x" * 32))
    unsigned = "eyJhbGciOiJub25lIn0." + symmetric.split(".")[1] + "."
    for token in (signed(stranger), symmetric, unsigned, "a.b.c", "", "\ud800"):
        with pytest.raises(NotSignedIn):
            verifier.read(token, now=NOW)

"""The certificate: what it says, and that its signature counts."""

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from services.retention.app.certificate import (
    ALGORITHM,
    CertificateContent,
    CertificateForged,
    Certifier,
    statement,
)
from tests.unit.services.retention.facts import ERASURE, NOW, REQUEST, erased_part, held_part

CERTIFIER = Certifier(OKPKey.generate_key("Ed25519"))
CONTENT = CertificateContent(
    erasure=ERASURE,
    cause="request",
    request=REQUEST,
    begun_at=NOW,
    completed_at=NOW,
    policy_version="2026.1",
    policy_digest="00",
    erased=(erased_part,),
    held=(held_part,),
    recipients_told=(),
    statement=statement((erased_part,), (held_part,)),
)


def test_certificate_verifies_with_the_public_key_alone() -> None:
    """Anyone with the published key can check a certificate."""
    public = OKPKey.import_key(dict(CERTIFIER.public_key()))
    signed = jws.deserialize_compact(CERTIFIER.sign(CONTENT), public, algorithms=[ALGORITHM])
    assert msgspec.json.decode(signed.payload, type=CertificateContent) == CONTENT


def test_public_key_holds_no_secret() -> None:
    """The door of the key never gives the private half."""
    assert "d" not in CERTIFIER.public_key()


@pytest.mark.policy("6.certificate")
@pytest.mark.parametrize("place", [0, 1, 2])
def test_changed_certificate_is_refused(place: int) -> None:
    """A change in header, content or signature is found."""
    pieces = CERTIFIER.sign(CONTENT).split(".")
    middle = len(pieces[place]) // 2
    other = "A" if pieces[place][middle] != "A" else "B"
    pieces[place] = pieces[place][:middle] + other + pieces[place][middle + 1 :]
    with pytest.raises(CertificateForged):
        CERTIFIER.read(".".join(pieces))


def test_certificate_of_another_key_is_refused() -> None:
    """Only our own signature counts."""
    foreign = Certifier(OKPKey.generate_key("Ed25519")).sign(CONTENT)
    with pytest.raises(CertificateForged):
        CERTIFIER.read(foreign)


def test_statement_says_what_stays_why_and_until_when() -> None:
    """A person reads the reason and the date."""
    said = statement((erased_part,), (held_part,))
    assert "until 2033-12-31: Dutch tax law" in said
    assert "anonymous" not in said


def test_statement_says_so_when_nothing_was_there() -> None:
    """An erasure of nothing claims nothing."""
    assert statement((), ()).startswith("Nothing was destroyed")

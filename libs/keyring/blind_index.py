"""Finds a subject again without keeping an address: a keyed hash of the normalised e-mail.

Why: with the key a hash can be guessed from a list of addresses, so the key is its own and the hash
     stays in the keyring; it never stands in an event, a topic, a name or a log.
"""

import hmac
import unicodedata
from pathlib import Path

from email_validator import validate_email

from libs.events.plain_address import is_plain
from libs.keyring.epoch_keys import KEY_BYTES


class BlindIndex:
    """Hashes what people are known by, under a key of its own; the same person, the same hash."""

    def __init__(self, key: bytes) -> None:
        """Hash under this key.

        Raises: ValueError, when it is not 32 bytes long.
        """
        if len(key) != KEY_BYTES:
            message = f"a blind index key is {KEY_BYTES} bytes long, this one {len(key)}"
            raise ValueError(message)
        self._key = key

    def of_email(self, address: str) -> bytes:
        """The hash of an e-mail address, however its letters are written.

        Raises: ValueError, when it is no address; the text says why and never repeats it.
        """
        return self._hash("email", normalise_email(address))

    def of_visitor(self, visitor: str) -> bytes:
        """The hash of a visitor id; never equal to that of an address."""
        return self._hash("visitor", visitor)

    def _hash(self, kind: str, name: str) -> bytes:
        return hmac.digest(self._key, f"{kind}:{name}".encode(), "sha256")


def normalise_email(address: str) -> str:
    """One spelling for one mailbox: NFC, trimmed, local part casefolded, domain in ASCII (IDNA).

    Raises: ValueError, when it is no address; the text never repeats it.
    """
    if is_plain(address):
        return address
    try:
        parts = validate_email(
            unicodedata.normalize("NFC", address).strip(),
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except ValueError:
        message = "this is not an e-mail address"
        raise ValueError(message) from None
    local = unicodedata.normalize("NFC", parts.local_part.casefold())
    return f"{local}@{parts.ascii_domain}"


def read_blind_index(path: Path) -> BlindIndex:
    """The blind index whose key stands in a file, as hexadecimal text.

    Raises: FileNotFoundError, when there is none: the setup makes it, once and for ever.
            ValueError, when it is not a key.
    """
    return BlindIndex(bytes.fromhex(path.read_text(encoding="ascii")))

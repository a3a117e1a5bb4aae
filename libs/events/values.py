"""Small values that many events share."""

from enum import StrEnum
from typing import NewType
from uuid import UUID

import msgspec

RecordId = NewType("RecordId", UUID)
"""A kept thing with a clock: a quote request, a visitor's choices, a rights request."""

ErasureId = NewType("ErasureId", UUID)
"""One erasure from its cause to its certificate."""


class Category(StrEnum):
    """Which key of a record seals a part; each has its own term."""

    QUOTE = "quote"
    BILLING = "billing"
    CONSENT = "consent"
    RIGHTS_REQUEST = "rights_request"


class RecordKind(StrEnum):
    """What a record is the record of."""

    QUOTE = "quote"
    CHOICES = "choices"
    RIGHTS_REQUEST = "rights_request"
    POLICY = "policy"


class Owner(StrEnum):
    """A service that says events; its topic is `<owner>.events`."""

    QUOTES = "quotes"
    CONSENT = "consent"
    RETENTION = "retention"
    BILLING = "billing"


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in minor units of one currency.

    Units: `cents` are hundredths of the currency.
    """

    cents: int
    currency: str = "EUR"


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where post reaches a person or company.

    Units: `country` is an ISO 3166-1 alpha-2 code.
    """

    street: str
    postal_code: str
    city: str
    country: str

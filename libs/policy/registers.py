"""What the policy registers besides its clauses: the company, purposes, recipients and cookies."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from libs.policy.strict import Name, Strict, Text

Basis = Literal["contract", "legitimate_interest", "consent", "legal_obligation"]
Transfer = Literal["inside_eea", "adequacy", "standard_contractual_clauses", "legal_duty"]
Role = Literal["processor", "controller", "authority"]


def _one_basis(basis: object) -> object:
    """Refuse several bases at once, with the reason; a wrong name is refused by the type."""
    if isinstance(basis, tuple):
        msg = "two bases for one purpose: a purpose has exactly one; split the purpose"
        raise ValueError(msg)  # noqa: TRY004 - the reader of the file gets ValueErrors as faults
    return basis


class Company(Strict):
    """Whose policy this is, and how a person reaches them."""

    name: Text
    trading_as: Text
    country: Text
    contact: Text
    authority: Text
    authority_site: Text


class Purpose(Strict):
    """One purpose, on exactly one legal basis."""

    id: Name
    clause: Text
    why: Text
    basis: Annotated[Basis, BeforeValidator(_one_basis)]
    article: Text


class Recipient(Strict):
    """An outside party that may hold a copy, in which role, where, and how it gets there.

    Shape: `confirmed` turns true when the role and the transfer were checked with the contract.
    """

    id: Name
    name: Text
    clause: Text
    role: Role
    purpose: Text
    country: Text
    transfer: Transfer
    confirmed: bool


class CookieCategory(Strict):
    """One of the choices on the banner, and the Consent Mode signals it stands for."""

    id: Name
    promise: Text
    needs_consent: bool
    signals: tuple[Text, ...]


class HoldBasis(Strict):
    """The law that keeps a record, in the words shown to the person concerned."""

    basis: Text
    article: Text
    oss_basis: Text
    oss_article: Text


class Sweep(Strict):
    """How far one sweep may go before an operator must confirm it.

    Source: D10.
    """

    clock_jump_cap_days: Annotated[int, Field(ge=1)]
    records_per_run_max: Annotated[int, Field(ge=1)]

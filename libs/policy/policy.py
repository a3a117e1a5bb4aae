"""The policy as the services read it: frozen, typed, complete. How it is read is in `loader`."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, PrivateAttr

from libs.policy.calendar import BookYearEnd
from libs.policy.registers import Company, CookieCategory, HoldBasis, Purpose, Recipient, Sweep
from libs.policy.strict import Name, Strict, Text
from libs.policy.terms import Term, Terms

Keeper = Literal[
    "quotes", "consent", "retention", "billing", "accounts", "gateway", "keyring", "company"
]
Id = Annotated[str, Field(pattern=r"^[0-9]+(\.[a-z0-9_]+)+$")]
Sentence = Literal["S1", "S2", "S3", "S4", "S5", "S6", "S7"]


class Cannot(Strict):
    """Why a sentence cannot be kept as written, and what is done instead.

    Source: `sentence` numbers the finding, S1 to S7, in the legal reference.
    """

    sentence: Sentence
    reason: Text
    chosen: Text


class Clause(Strict):
    """One promise: in our own words, who keeps it, on which terms, and what measures it.

    Shape: either `keeps` is true or `cannot` says why; `check` is absent where nothing measures.
    """

    id: Id
    promise: Text
    kept_by: Annotated[tuple[Keeper, ...], Field(min_length=1)]
    terms: tuple[Name, ...] = ()
    check: Name | None = None
    keeps: bool | None = None
    cannot: Cannot | None = None
    source: Text


class Policy(Strict):
    """One version of the policy, as its file says it."""

    version: Text
    effective_on: date
    languages: Annotated[tuple[Text, ...], Field(min_length=1)]
    book_year_end: Annotated[BookYearEnd, PlainValidator(BookYearEnd.parse)]
    company: Company
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    term_register: Annotated[dict[Name, Term], Field(alias="terms")]
    purposes: tuple[Purpose, ...]
    recipients: tuple[Recipient, ...]
    cookies: tuple[CookieCategory, ...]
    hold: HoldBasis
    sweep: Sweep
    _digest: str = PrivateAttr(default="")

    def model_post_init(self, context: Any, /) -> None:
        """Remember the digest of the file, which the file itself cannot name."""
        self._digest = context["digest"] if context else ""

    @property
    def digest(self) -> str:
        """The SHA-256 of the file's bytes, in hex."""
        return self._digest

    @property
    def terms(self) -> Terms:
        """Every term as a length with its unit."""
        lengths: dict[str, Any] = {
            name: term.lengths()[0] for name, term in self.term_register.items()
        }
        return Terms(**lengths)

    def clause(self, clause_id: str) -> Clause:
        """The clause with this id.

        Raises: KeyError, naming the id, when the policy has no such clause.
        """
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        msg = f"policy {self.version} has no clause {clause_id}"
        raise KeyError(msg)

    def kept_by(self, service: str) -> tuple[Clause, ...]:
        """The clauses this service keeps, alone or with others, in the order of the policy."""
        return tuple(clause for clause in self.clauses if service in clause.kept_by)

    def basis_of(self, purpose_id: str) -> str:
        """The one legal basis of a purpose.

        Raises: KeyError, naming the id, when the policy has no such purpose.
        """
        for purpose in self.purposes:
            if purpose.id == purpose_id:
                return purpose.basis
        msg = f"policy {self.version} has no purpose {purpose_id}"
        raise KeyError(msg)

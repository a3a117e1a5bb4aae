"""How long each thing is kept or may take: the file's register of terms, and its typed reading."""

from dataclasses import dataclass
from typing import Annotated, get_type_hints

from pydantic import Field

from libs.policy.calendar import Days, Months, Years
from libs.policy.strict import Strict, Text

Length = Months | Years | Days
_AtLeastOne = Annotated[int, Field(ge=1)]


class Term(Strict):
    """One term as registered: its length in exactly one unit, its start, and whose idea it is.

    Shape: `choice` is true where the number is the company's own and no law gives it.
    """

    months: _AtLeastOne | None = None
    years: _AtLeastOne | None = None
    days: Annotated[int, Field(ge=0)] | None = None
    counted_from: Text
    choice: bool = False
    source: Text

    def lengths(self) -> tuple[Length, ...]:
        """Every length the entry gives; a sound entry gives one."""
        given = (
            Months(self.months) if self.months is not None else None,
            Years(self.years) if self.years is not None else None,
            Days(self.days) if self.days is not None else None,
        )
        return tuple(length for length in given if length is not None)

    def wording(self) -> str:
        """The term in words, for a page or a letter: `12 months from last contact (choice)`."""
        (length,) = self.lengths()
        unit = type(length).__name__.lower()
        said = f"{length.count} {unit if length.count != 1 else unit.removesuffix('s')}"
        return f"{said} from {self.counted_from}" + (" (choice, not law)" if self.choice else "")


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms the services read; a policy file gives every one, in the unit shown here."""

    quote_without_order: Months
    ordered_quote: Months
    billing: Years
    billing_oss: Years
    rights_request_answer: Months
    rights_request_extension: Months
    rights_request_identity: Days
    refusal_re_ask: Months
    consent_validity: Months
    backups: Days
    logs: Days


TERM_UNITS: dict[str, type] = get_type_hints(Terms)

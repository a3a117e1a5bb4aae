"""Turns rows into what callers see."""

from datetime import datetime

import msgspec

from libs.policy.calendar import add_months
from libs.policy.terms import Terms
from services.consent.api.schemas import (
    ChoiceOut,
    ErasedOut,
    HeldOut,
    OutcomeOut,
    RightsRequestOut,
)
from services.consent.app.request_links import RequestLinks
from services.consent.projections.choice_now import ChoiceNow
from services.consent.projections.rights_request import RightsRequestRow


def show_choice(choice: ChoiceNow, terms: Terms) -> ChoiceOut:
    """A choice as its visitor sees it."""
    shown = msgspec.structs.asdict(choice)
    del shown["version"]
    return ChoiceOut(**shown, ask_again_at=ask_again_at(choice, terms))


def ask_again_at(choice: ChoiceNow, terms: Terms) -> datetime:
    """From when a banner may ask again: a refusal rests for its term, a consent for its own.

    Source: clauses 1.2.banner and 1.2.categories.
    """
    is_refusal = not (choice.functional or choice.analytical or choice.advertisement)
    rests = terms.refusal_re_ask if is_refusal else terms.consent_validity
    return add_months(choice.chosen_at, rests)


def show_request(
    row: RightsRequestRow, links: RequestLinks, *, with_outcome: bool
) -> RightsRequestOut:
    """A request as its link, or staff, sees it; never the address."""
    return RightsRequestOut(
        id=row.record,
        right=row.right,
        state=row.stage,
        received_at=row.received_at,
        due_on=row.due_on,
        confirmed_at=row.confirmed_at,
        completed_at=row.completed_at,
        answered_at=row.answered_at,
        address_erased_at=row.erased_at,
        outcome=_outcome(row, links) if with_outcome else None,
    )


def _outcome(row: RightsRequestRow, links: RequestLinks) -> OutcomeOut | None:
    if row.erasure is None:
        return None
    return OutcomeOut(
        erasure=row.erasure,
        erased=tuple(ErasedOut(**msgspec.structs.asdict(part)) for part in row.erased),
        held=tuple(HeldOut(**msgspec.structs.asdict(part)) for part in row.held),
        certificate_url=links.certificate_url(row.erasure),
    )

"""The letters of a rights request: in Dutch for who asked in Dutch, in English for all others."""

from dataclasses import dataclass
from datetime import date
from string import Template

from libs.events.values import Category
from libs.events.vocabulary.consent import RightsRequestCarriedOut
from libs.events.vocabulary.retention import HeldPart

ENGLISH = "en"
DUTCH = "nl"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A subject and a text, ready to send; neither names a person."""

    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Wording:
    confirm_subject: str
    confirm: Template
    outcome_subject: str
    outcome: Template
    erased: Template
    nothing: str
    held: Template
    until: Template
    open_end: str
    categories: dict[str, str]


_WORDINGS = {
    ENGLISH: _Wording(
        confirm_subject="Please confirm your erasure request",
        confirm=Template(
            "We received a request to erase what we keep under this address.\n"
            "If you made it, confirm it here; the link works once:\n$confirmation_url\n\n"
            "If you did not, do nothing: nothing will be erased.\n\n"
            "After your confirmation we answer by $due_on at the latest.\n"
            "See how far we are at any time:\n$outcome_url\n\n"
            "Flux3D\n"
        ),
        outcome_subject="Your erasure request was carried out",
        outcome=Template(
            "Your erasure request was carried out.\n\n$erased\n${held}"
            "The signed certificate:\n$certificate_url\n\n"
            "This answer, to be read again:\n$outcome_url\n\n"
            "Your address is now erased as well. If you do not agree with this answer, you can\n"
            "complain to $authority ($authority_site).\n\n"
            "Flux3D\n"
        ),
        erased=Template("Erased, and unreadable from now on:\n$items\n"),
        nothing="We kept nothing under this address besides the request itself.\n",
        held=Template("Kept, because the law says so:\n$items\n"),
        until=Template("until $until_on"),
        open_end="until the order is finished and its date is known",
        categories={
            Category.QUOTE: "quote request",
            Category.BILLING: "order and invoice data",
            Category.CONSENT: "choices",
            Category.RIGHTS_REQUEST: "earlier request",
        },
    ),
    DUTCH: _Wording(
        confirm_subject="Bevestig uw verzoek om verwijdering",
        confirm=Template(
            "Wij ontvingen een verzoek om te wissen wat wij onder dit adres bewaren.\n"
            "Kwam het van u, bevestig het dan hier; de link werkt één keer:\n$confirmation_url\n\n"
            "Kwam het niet van u, doe dan niets: er wordt niets gewist.\n\n"
            "Na uw bevestiging antwoorden wij uiterlijk op $due_on.\n"
            "Bekijk op elk moment hoe ver wij zijn:\n$outcome_url\n\n"
            "Flux3D\n"
        ),
        outcome_subject="Uw verzoek om verwijdering is uitgevoerd",
        outcome=Template(
            "Uw verzoek om verwijdering is uitgevoerd.\n\n$erased\n${held}"
            "Het ondertekende certificaat:\n$certificate_url\n\n"
            "Dit antwoord, om na te lezen:\n$outcome_url\n\n"
            "Uw adres wordt nu ook gewist. Bent u het niet eens met dit antwoord, dan kunt u\n"
            "een klacht indienen bij $authority ($authority_site).\n\n"
            "Flux3D\n"
        ),
        erased=Template("Gewist, en vanaf nu onleesbaar:\n$items\n"),
        nothing="Wij bewaarden onder dit adres niets behalve het verzoek zelf.\n",
        held=Template("Bewaard, omdat de wet dat eist:\n$items\n"),
        until=Template("tot en met $until_on"),
        open_end="tot de opdracht klaar is en de datum bekend is",
        categories={
            Category.QUOTE: "offerteaanvraag",
            Category.BILLING: "opdracht- en factuurgegevens",
            Category.CONSENT: "keuzes",
            Category.RIGHTS_REQUEST: "eerder verzoek",
        },
    ),
}


@dataclass(frozen=True, kw_only=True)
class OutcomeLinks:
    """The addresses an outcome letter shows, and where to complain."""

    certificate_url: str
    outcome_url: str
    authority: str
    authority_site: str


def confirmation(language: str, *, confirmation_url: str, outcome_url: str, due_on: date) -> Letter:
    """Asks the person behind an address whether the request was theirs."""
    words = _wording(language)
    text = words.confirm.substitute(
        confirmation_url=confirmation_url, outcome_url=outcome_url, due_on=due_on.isoformat()
    )
    return Letter(subject=words.confirm_subject, text=text)


def outcome(language: str, done: RightsRequestCarriedOut, links: OutcomeLinks) -> Letter:
    """Tells the person what went, what stays, why and until when, and where to complain.

    Source: GDPR art. 12(3) and 12(4).
    """
    words = _wording(language)
    text = words.outcome.substitute(
        erased=_erased(words, done),
        held=_held(words, done),
        certificate_url=links.certificate_url,
        outcome_url=links.outcome_url,
        authority=links.authority,
        authority_site=links.authority_site,
    )
    return Letter(subject=words.outcome_subject, text=text)


def _wording(language: str) -> _Wording:
    return _WORDINGS.get(language, _WORDINGS[ENGLISH])


def _erased(words: _Wording, done: RightsRequestCarriedOut) -> str:
    if not done.erased:
        return "" if done.held else words.nothing
    items = "".join(f"- {words.categories[part.category]} {part.record}\n" for part in done.erased)
    return words.erased.substitute(items=items)


def _held(words: _Wording, done: RightsRequestCarriedOut) -> str:
    items = "".join(_held_line(words, part) for part in done.held)
    return words.held.substitute(items=items) + "\n" if items else ""


def _held_line(words: _Wording, part: HeldPart) -> str:
    ends = words.open_end
    if part.until_on is not None:
        ends = words.until.substitute(until_on=part.until_on.isoformat())
    return f"- {words.categories[part.category]} {part.record}: {ends} ({part.basis})\n"

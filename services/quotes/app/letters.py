"""The letters that quotes sends, in Dutch for who asked in Dutch and in English for all others."""

from dataclasses import dataclass
from datetime import date
from string import Template

from libs.events.values import Money

DUTCH = "nl"
ENGLISH = "en"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A subject and a text, ready to send; the subject names no person."""

    subject: str
    text: str


@dataclass(frozen=True)
class _Wording:
    subject: Template
    text: Template

    def fill(self, **values: str) -> Letter:
        """The letter with these values in their places."""
        return Letter(subject=self.subject.substitute(values), text=self.text.substitute(values))


_CONFIRMATION = {
    ENGLISH: _Wording(
        Template("We received your request $reference"),
        Template(
            "Dear $name,\n\n"
            "Thank you for your request $reference. We will send you an offer.\n\n"
            "See it, and what we keep of it, at any time:\n$status_url\n\n"
            "Without an order we erase your request twelve months after our last contact.\n\n"
            "Flux3D\n"
        ),
    ),
    DUTCH: _Wording(
        Template("We hebben uw aanvraag $reference ontvangen"),
        Template(
            "Beste $name,\n\n"
            "Dank voor uw aanvraag $reference. U krijgt van ons een offerte.\n\n"
            "Bekijk op elk moment de aanvraag en wat wij ervan bewaren:\n$status_url\n\n"
            "Zonder opdracht wissen wij uw aanvraag twaalf maanden na ons laatste contact.\n\n"
            "Flux3D\n"
        ),
    ),
}
_OFFER = {
    ENGLISH: _Wording(
        Template("Our offer for your request $reference"),
        Template(
            "Dear $name,\n\n"
            "For your request $reference we offer $amount, excluding VAT,\n"
            "valid until $valid_until.\n\n"
            "Accept:\n$acceptance_url\n\n"
            "Refuse:\n$refusal_url\n\n"
            "See your request and what we keep of it:\n$status_url\n\n"
            "Flux3D\n"
        ),
    ),
    DUTCH: _Wording(
        Template("Onze offerte voor uw aanvraag $reference"),
        Template(
            "Beste $name,\n\n"
            "Voor uw aanvraag $reference bieden wij $amount, exclusief btw,\n"
            "geldig tot en met $valid_until.\n\n"
            "Akkoord:\n$acceptance_url\n\n"
            "Niet akkoord:\n$refusal_url\n\n"
            "Bekijk uw aanvraag en wat wij ervan bewaren:\n$status_url\n\n"
            "Flux3D\n"
        ),
    ),
}


def confirmation(language: str, **values: str) -> Letter:
    """Says that the request arrived, and where it can be seen."""
    return _CONFIRMATION.get(language, _CONFIRMATION[ENGLISH]).fill(**values)


def offer(language: str, **values: str) -> Letter:
    """Says the price and until when, and how to answer."""
    return _OFFER.get(language, _OFFER[ENGLISH]).fill(**values)


def written_amount(amount: Money, language: str) -> str:
    """The amount as people of that language write it: `€ 1.234,50` or `€1,234.50`."""
    english = f"{amount.cents // 100:,}.{amount.cents % 100:02d}"
    sign = "€" if amount.currency == "EUR" else f"{amount.currency} "
    if language != DUTCH:
        return f"{sign}{english}"
    return f"{sign.strip()} {english.translate(str.maketrans(',.', '.,'))}"


def written_date(on: date) -> str:
    """The day so that nobody takes the month for the day: `2026-12-31`."""
    return on.isoformat()

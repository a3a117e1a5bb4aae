"""One visitor's choices, one after another: what was asked, what counts, what a signal refuses."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.values import Category
from libs.events.vocabulary.consent import ConsentChanged
from libs.events.vocabulary.scrubbing import RecordAbandoned, RecordScrubbed
from services.consent.domain.refusals import ChoicesErased


class Source(StrEnum):
    """Where a choice was made; only the banner asks without having been called."""

    BANNER = "banner"
    SETTINGS = "settings"
    FORM = "form"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Yes or no for each purpose that needs consent."""

    functional: bool = False
    analytical: bool = False
    advertisement: bool = False
    marketing: bool = False
    portfolio: bool = False

    def given(self) -> frozenset[str]:
        """The purposes answered with yes."""
        return frozenset(name for name, answer in asdict(self).items() if answer)

    def without(self, refused: frozenset[str]) -> "Answers":
        """The same answers with a no for these purposes."""
        kept = self.given() - refused
        return Answers(**{name: name in kept for name in PURPOSES})


PURPOSES: tuple[str, ...] = tuple(asdict(Answers()))
"""The purposes that need consent, in the order they are shown."""

_REFUSED_BY_SIGNAL = frozenset({"analytical", "advertisement"})
_REFUSED_AT_THE_BANNER = _REFUSED_BY_SIGNAL | {"marketing"}


@dataclass(frozen=True, kw_only=True)
class Choose:
    """A visitor answered for every purpose.

    Shape: `gpc` is whether the browser sent the Global Privacy Control signal with it.
    """

    answers: Answers
    source: Source
    notice_version: str
    language: str
    gpc: bool


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A visitor's choices so far: the last answers, and whether they were erased."""

    last: Answers | None = None
    erased: bool = False


def evolve(state: Choices, event: Event) -> Choices:
    """The choices after a fact of their record."""
    if isinstance(event, ConsentChanged):
        return Choices(last=Answers(**{name: getattr(event, name) for name in PURPOSES}))
    if isinstance(event, RecordScrubbed) and Category.CONSENT in event.categories:
        return Choices(erased=True)
    if isinstance(event, RecordAbandoned):
        return Choices(erased=True)
    return state


def decide(command: Choose, state: Choices) -> tuple[Event, ...]:
    """A choice is always recorded, also when it repeats the last one, and counts at once.

    Raises: ChoicesErased, when the record's key is destroyed, or was abandoned before a choice.
    Source: clauses 1.2.categories and 1.2.signals; GDPR art. 7(1) and 7(3).
    """
    if state.erased:
        message = "the choices of this record were erased: begin a new record"
        raise ChoicesErased(message)
    refused = refused_by_signal(command, state)
    answers = command.answers.without(refused)
    changed = ConsentChanged(
        **asdict(answers),
        source=command.source,
        notice_version=command.notice_version,
        language=command.language,
        gpc=command.gpc,
        changed=_changed(answers, state.last),
        refused_by_signal=_in_order(refused & command.answers.given()),
    )
    return (changed,)


def refused_by_signal(command: Choose, state: Choices) -> frozenset[str]:
    """What the browser's signal refuses, whatever was ticked.

    Shape:  nothing without the signal. Under it, a banner turns on no analytics, advertisement
            or marketing. What was opened on purpose (settings, a form) may: marketing at once,
            analytics and advertisement only after an earlier choice of the same visitor.
    Source: clause 1.2.signals; GDPR art. 21(5).
    Why:    a signal is a standing no; a later, particular yes of the same person goes before it.
    """
    if not command.gpc:
        return frozenset()
    if command.source is Source.BANNER:
        return _REFUSED_AT_THE_BANNER
    return frozenset() if state.last else _REFUSED_BY_SIGNAL


def _changed(answers: Answers, last: Answers | None) -> tuple[str, ...]:
    return _in_order(answers.given() ^ last.given()) if last else PURPOSES


def _in_order(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in PURPOSES if name in names)


CHOICES: Decider[Choose, Choices] = Decider(initial=Choices(), evolve=evolve, decide=decide)
"""How one visitor's choices are decided."""

"""Every event there is: who says it, in which version, and what in it is a person's."""

import importlib
import pkgutil
from dataclasses import dataclass
from types import MappingProxyType

from libs.events import vocabulary
from libs.events.event import Event
from libs.events.personal import PersonalPart, personal_parts
from libs.events.values import Owner


@dataclass(frozen=True)
class Entry:
    """One event of the catalogue."""

    event_type: type[Event]
    parts: MappingProxyType[str, type[PersonalPart]]

    @property
    def name(self) -> str:
        """The event's name, the same everywhere."""
        return self.event_type.__name__

    @property
    def meaning(self) -> str:
        """The first sentence of the event's docstring."""
        return (self.event_type.__doc__ or "").strip().split("\n")[0]


def topic_of(owner: Owner) -> str:
    """The topic that carries what this service says."""
    return f"{owner}.events"


TOPICS: MappingProxyType[str, Owner] = MappingProxyType({topic_of(one): one for one in Owner})
"""Who speaks on each topic."""


def _collect() -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for module in pkgutil.iter_modules(vocabulary.__path__):
        loaded = importlib.import_module(f"{vocabulary.__name__}.{module.name}")
        for thing in vars(loaded).values():
            if isinstance(thing, type) and issubclass(thing, Event) and thing is not Event:
                parts = MappingProxyType(personal_parts(thing))
                found[thing.__name__] = Entry(event_type=thing, parts=parts)
    return found


CATALOGUE: MappingProxyType[str, Entry] = MappingProxyType(_collect())
"""The entries by event name."""


def parts_of(event: Event) -> MappingProxyType[str, type[PersonalPart]]:
    """The personal fields of an event."""
    return CATALOGUE[type(event).__name__].parts


def said_by(owner: Owner) -> list[Entry]:
    """The events that a service may say."""
    return [entry for entry in CATALOGUE.values() if owner in entry.event_type.owners]

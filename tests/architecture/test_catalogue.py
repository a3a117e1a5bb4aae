"""Events are said by their owners only, and every event is documented and sampled."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.events.catalogue import CATALOGUE, Entry
from libs.events.document import schema_name
from libs.events.values import Category, Owner

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = "libs.events.vocabulary"
OUTSIDE_SERVICES = {
    "libs/events/testing": "conformance rules need facts to keep",
}
"""Folders outside the services that may make events, each with its reason; it only shrinks."""


def imported_events(tree: ast.Module) -> dict[str, str]:
    """Events by the name they bear in a module: those imported from the vocabulary."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(VOCABULARY)
        for alias in node.names
        if alias.name in CATALOGUE
    }


def made_events(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every event that a module makes, with the line."""
    names = imported_events(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in names:
                yield names[called.id], node.lineno
            elif isinstance(called, ast.Attribute) and called.attr in CATALOGUE:
                module = ast.unparse(called.value)
                if f"import {module}" in ast.unparse(tree) and VOCABULARY in ast.unparse(tree):
                    yield called.attr, node.lineno


def strangers(path: Path, tree: ast.Module) -> list[str]:
    """Events that a file makes although they are not its to say."""
    place = path.as_posix()
    return [
        f"{place}:{line} makes {name}"
        for name, line in made_events(tree)
        if not any(
            place.startswith(f"services/{owner}/domain/")
            for owner in CATALOGUE[name].event_type.owners
        )
    ]


def test_events_are_made_in_their_owners_domain_only() -> None:
    """What a service says it decides in its own domain; nobody else makes the fact."""
    found = []
    for folder in ("services", "libs", "ops", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            inside = path.relative_to(ROOT)
            if not inside.as_posix().startswith(tuple(OUTSIDE_SERVICES)):
                found += strangers(inside, ast.parse(path.read_text(encoding="utf-8")))
    assert found == []


PLANTED = {
    "in another service": ("services/billing/domain/order.py", True),
    "in its owner's app": ("services/quotes/app/handlers.py", True),
    "in a library": ("libs/doors/app.py", True),
    "in its owner's domain": ("services/quotes/domain/quote.py", False),
}


@pytest.mark.parametrize(("place", "is_stranger"), PLANTED.values(), ids=PLANTED.keys())
@pytest.mark.parametrize(
    "source",
    [
        "from libs.events.vocabulary.quotes import QuoteDeclined\nQuoteDeclined(offer=1)",
        "from libs.events.vocabulary.quotes import QuoteDeclined as Said\nSaid(offer=1)",
        "from libs.events.vocabulary import quotes\nquotes.QuoteDeclined(offer=1)",
    ],
    ids=["by name", "by another name", "by module"],
)
def test_an_event_made_elsewhere_is_found(place: str, source: str, is_stranger: bool) -> None:  # noqa: FBT001 - planted
    """The check sees an event that is made in the wrong place, however it was imported."""
    assert bool(strangers(Path(place), ast.parse(source))) is is_stranger


def test_an_error_of_the_same_name_is_no_event() -> None:
    """A class of the same name from elsewhere is not mistaken for the event."""
    source = "from libs.keyring.openings import RecordErased\nRecordErased('x')"
    assert strangers(Path("libs/keyring/making.py"), ast.parse(source)) == []


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.name)
def test_every_event_is_whole(entry: Entry) -> None:
    """Each says owner, version and meaning, gives a reason for each part, and is documented."""
    event = entry.event_type
    assert event.owners
    assert all(owner in Owner for owner in event.owners)
    assert event.version >= 1
    assert entry.meaning.endswith(".")
    assert all(part.category in set(Category) and part.why for part in entry.parts.values())
    assert (ROOT / "libs/events/schemas" / schema_name(entry)).is_file()
    assert (ROOT / "tests/contract/wire" / schema_name(entry)).is_file()
    assert f"`{entry.name}`" in (ROOT / "libs/events/README.md").read_text(encoding="utf-8")


def test_a_vocabulary_file_is_its_owners() -> None:
    """An event stands in the file of the service that says it; shared ones in their own."""
    for entry in CATALOGUE.values():
        file = entry.event_type.__module__.rsplit(".", maxsplit=1)[-1]
        assert file == "scrubbing" or [file] == [str(owner) for owner in entry.event_type.owners]

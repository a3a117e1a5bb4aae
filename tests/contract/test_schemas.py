"""The shape of every event is under version control, and changes so that the past is read."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
from jsonschema import Draft202012Validator

from libs.events import document
from libs.events.catalogue import CATALOGUE, Entry
from libs.events.compatibility import breaking_changes
from libs.events.document import HERE, BreakingChange, catalogue_text, schema_name, schema_text
from libs.events.event import Event
from libs.events.personal import Personal, PersonalPart, personal_parts
from libs.events.upcasts import STEPS
from libs.events.values import Category, Money, Owner
from tests.contract.samples import Sample, all_samples

SCHEMAS = HERE / "schemas"
ENTRIES = list(CATALOGUE.values())


class Contact(PersonalPart, frozen=True, kw_only=True):
    """A part."""

    category: ClassVar[str] = Category.QUOTE
    why: ClassVar[str] = "To answer."

    email: str
    phone: str | None = None


class Asked(Event, frozen=True, kw_only=True):
    """A planted event."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    language: str
    price: Money
    category: Category
    deadline: str | None = None
    rush: bool = False
    contact: Personal[Contact]


def _entry(event_type: type[Event]) -> Entry:
    return Entry(event_type=event_type, parts=MappingProxyType(personal_parts(event_type)))


BEFORE = document.schema_of(_entry(Asked))


def _changed(path: str, value: Any) -> dict[str, Any]:
    """The planted schema with one place changed; None removes it."""
    schema: dict[str, Any] = json.loads(json.dumps(BEFORE))
    *way, last = path.split("/")
    at: Any = schema["$defs"]
    for step in way:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return schema


TEXT = {"type": "string"}
FIELDS = "Asked/properties"
SEALED = "Asked/properties/contact/sealed"
BREAKS = {
    "a field is gone": _changed(f"{FIELDS}/language", None),
    "a type changed": _changed(f"{FIELDS}/language", {"type": "integer"}),
    "a required field came": _changed(
        "Asked/required", [*BEFORE["$defs"]["Asked"]["required"], "x"]
    ),
    "none is not taken any more": _changed(f"{FIELDS}/deadline", {**TEXT, "default": None}),
    "a default means something else": _changed(f"{FIELDS}/rush/default", True),  # noqa: FBT003 - the value planted
    "a value is not taken any more": _changed("Category/enum", ["quote"]),
    "a field inside a field changed": _changed("Money/properties/cents", TEXT),
    "a field inside a field is gone": _changed("Money/properties/currency", None),
    "a part has another category": _changed(f"{SEALED}/category", "billing"),
    "a part is not sealed any more": _changed(f"{SEALED}", None),
    "a field of a part is gone": _changed(f"{SEALED}/part/properties/email", None),
    "a field of a part is required now": _changed(f"{SEALED}/part/required", ["email", "phone"]),
}
FINE = {
    "nothing": BEFORE,
    "better words": _changed("Asked/description", "Said better."),
    "another reason": _changed(f"{SEALED}/why", "To answer quickly."),
    "a field with a default": _changed(f"{FIELDS}/colour", {**TEXT, "default": "red"}),
    "a field may be left out": _changed("Asked/required", ["language"]),
    "one value more": _changed("Category/enum", [*BEFORE["$defs"]["Category"]["enum"], "new"]),
    "none is taken too": _changed(f"{FIELDS}/language", {"anyOf": [TEXT, {"type": "null"}]}),
}


@pytest.mark.parametrize("after", BREAKS.values(), ids=BREAKS.keys())
def test_a_change_that_the_past_would_not_survive_is_named(after: dict[str, Any]) -> None:
    """Each way to make kept facts unreadable is noticed."""
    assert breaking_changes(BEFORE, after) != []


@pytest.mark.parametrize("after", FINE.values(), ids=FINE.keys())
def test_a_change_that_reads_the_past_is_allowed(after: dict[str, Any]) -> None:
    """What old facts still fit into may be changed without a new version."""
    assert breaking_changes(BEFORE, after) == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_schema_file_is_what_the_class_says(entry: Entry) -> None:
    """The schema file is the class's; `python -m libs.events.document` writes it."""
    path = SCHEMAS / schema_name(entry)
    assert path.read_text(encoding="utf-8") == schema_text(entry)


def test_every_version_keeps_its_schema() -> None:
    """Schemas of old versions stay, and there are no others."""
    wanted = {
        f"{entry.name}.v{version}.json"
        for entry in ENTRIES
        for version in range(1, entry.event_type.version + 1)
    }
    assert {path.name for path in SCHEMAS.iterdir()} == wanted


def test_every_older_version_has_a_step() -> None:
    """No event was raised to a new version without the way from the old one."""
    wanted = {
        (entry.name, version) for entry in ENTRIES for version in range(1, entry.event_type.version)
    }
    assert wanted == set(STEPS)


@pytest.mark.parametrize("sample", all_samples(), ids=lambda sample: sample.path.stem)
def test_sample_fits_the_schema_of_its_version(sample: Sample) -> None:
    """Other readers may rely on the schema: what was sent fits it."""
    schema = json.loads((SCHEMAS / sample.path.name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(sample.value))


def test_readme_is_the_catalogue() -> None:
    """README.md lists every event as it is; `python -m libs.events.document` writes it."""
    assert (HERE / "README.md").read_text(encoding="utf-8") == catalogue_text()


def test_everything_is_written_once(tmp_path: Path) -> None:
    """From nothing all schemas and the README are written; the second time nothing."""
    assert len(document.write(tmp_path)) == len(ENTRIES) + 1
    assert document.write(tmp_path) == []


def test_a_break_is_refused_and_nothing_written(tmp_path: Path) -> None:
    """A schema that lost a field is not written over the one that has it."""
    document.write(tmp_path)
    path = tmp_path / "schemas" / schema_name(CATALOGUE["QuoteDeclined"])
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["$defs"]["QuoteDeclined"]["properties"]["once_here"] = TEXT
    path.write_text(json.dumps(schema), encoding="utf-8")
    (tmp_path / "README.md").unlink()
    with pytest.raises(BreakingChange, match=r"once_here is gone.*raise its version"):
        document.write(tmp_path)
    assert not (tmp_path / "README.md").exists()


def test_a_meaning_is_one_line() -> None:
    """The first sentence of an event's docstring says it all, in the catalogue as in the class."""
    assert [entry.name for entry in ENTRIES if not entry.meaning.endswith(".")] == []

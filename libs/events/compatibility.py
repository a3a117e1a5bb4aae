"""Whether a new shape of an event still reads what the old one wrote."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_CHANGEABLE = frozenset({"title", "description", "why", "$defs", "enum", "properties", "required"})


def breaking_changes(before: Schema, after: Schema) -> list[str]:
    """Why facts written under `before` might not be read under `after`; nothing when they are.

    Shape: both are JSON Schemas of one event and version; a new field with a default, a widened
    set of values and another wording are no breaks.
    """
    return list(_compare("event", (before, before), (after, after)))


Place = tuple[Schema, Schema]
"""A schema and the document its references point into."""


def _compare(path: str, before: Place, after: Place) -> Iterator[str]:
    old, new = _resolved(before), _resolved(after)
    if "anyOf" in new:
        yield from _compare_choices(path, (old, before[1]), (new, after[1]))
        return
    yield from _compare_fields(path, (old, before[1]), (new, after[1]))
    if missing := [one for one in old.get("enum", []) if one not in new.get("enum", [])]:
        yield f"{path} no longer takes {', '.join(map(str, missing))}"
    for word in sorted((old.keys() | new.keys()) - _CHANGEABLE):
        yield from _compare_word(f"{path}.{word}", word, (old, before[1]), (new, after[1]))


def _compare_fields(path: str, before: Place, after: Place) -> Iterator[str]:
    old, new = before[0].get("properties", {}), after[0].get("properties", {})
    yield from (f"{path}.{name} is gone" for name in old if name not in new)
    newly = set(after[0].get("required", [])) - set(before[0].get("required", []))
    yield from (f"{path}.{name} is required now" for name in sorted(newly))
    for name in sorted(old.keys() & new.keys()):
        yield from _compare(f"{path}.{name}", (old[name], before[1]), (new[name], after[1]))


def _compare_word(path: str, word: str, before: Place, after: Place) -> Iterator[str]:
    old, new = before[0].get(word), after[0].get(word)
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _compare(path, (old, before[1]), (new, after[1]))
    elif old != new and not (word == "default" and word not in before[0]):
        yield f"{path} is {new}, was {old}"


def _compare_choices(path: str, before: Place, after: Place) -> Iterator[str]:
    for choice in before[0].get("anyOf", [before[0]]):
        tried = [
            list(_compare(path, (choice, before[1]), (candidate, after[1])))
            for candidate in after[0]["anyOf"]
        ]
        if all(tried):
            yield min(tried, key=len)[0]
    yield from _compare_default(path, before[0], after[0])


def _compare_default(path: str, old: Schema, new: Schema) -> Iterator[str]:
    if "default" in old and old["default"] != new.get("default"):
        yield f"{path}.default is {new.get('default')}, was {old['default']}"


def _resolved(place: Place) -> Schema:
    schema, document = place
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = document["$defs"][reference.rsplit("/", maxsplit=1)[-1]]
    return {**found, **{word: value for word, value in schema.items() if word != "$ref"}}

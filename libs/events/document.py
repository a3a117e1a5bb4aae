"""What is generated from the vocabulary: the catalogue in README.md and a JSON Schema per event.

`python -m libs.events.document` writes both; a test compares them with what lies in the checkout.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from libs.events.catalogue import CATALOGUE, Entry, said_by, topic_of
from libs.events.compatibility import breaking_changes
from libs.events.personal import Personal, PersonalPart
from libs.events.values import Owner

HERE = Path(__file__).parent
GUIDE = HERE / "guide.md"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class BreakingChange(Exception):
    """A shape changed so that facts already kept could not be read; nothing was written."""


def schema_name(entry: Entry) -> str:
    """The name of the file that holds an event's schema in its present version."""
    return f"{entry.name}.v{entry.event_type.version}.json"


def schema_of(entry: Entry) -> dict[str, Any]:
    """The JSON Schema of an event as it lies on the topic, its sealed parts as base64url text.

    Shape: `sealed` beside such a part tells what its box holds, under which category's key, and
    why it is kept.
    """
    schema = msgspec.json.schema(entry.event_type, schema_hook=_box_schema)
    properties = schema["$defs"][entry.name]["properties"]
    for field, part in entry.parts.items():
        properties[field]["sealed"] = _part_schema(part)
    schema["$id"] = f"urn:flux3d:event:{entry.name}:{entry.event_type.version}"
    as_read: dict[str, Any] = json.loads(json.dumps({"$schema": DIALECT, **schema}))
    return as_read


def _box_schema(kind: type[Any]) -> dict[str, Any]:
    if kind is not Personal:
        raise NotImplementedError
    return {"type": "string", "contentEncoding": "base64url"}


def _part_schema(part: type[PersonalPart]) -> dict[str, Any]:
    (schema,), defs = msgspec.json.schema_components([part], ref_template="#/{name}")
    inlined: dict[str, Any] = _inline(schema, defs)
    return {"category": str(part.category), "why": part.why, "part": inlined}


def _inline(schema: Any, defs: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inline(one, defs) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(defs[schema["$ref"].rsplit("/", maxsplit=1)[-1]], defs)
    return {word: _inline(one, defs) for word, one in schema.items()}


def schema_text(entry: Entry) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema_of(entry), indent=2, ensure_ascii=False) + "\n"


def catalogue_text() -> str:
    """README.md of this folder: the guide, then every event of every owner."""
    owners = "\n".join(_owner_text(owner) for owner in Owner)
    return f"{GUIDE.read_text(encoding='utf-8')}\n## The catalogue\n\n{owners}"


def _owner_text(owner: Owner) -> str:
    rows = "".join(_row(entry) for entry in said_by(owner))
    return (
        f"### {owner}, on `{topic_of(owner)}`\n\n"
        "| event | version | meaning | personal parts: category, why kept |\n"
        f"|---|---|---|---|\n{rows}"
    )


def _row(entry: Entry) -> str:
    parts = "<br>".join(
        f"`{field}`: {part.category}. {part.why}" for field, part in entry.parts.items()
    )
    return (
        f"| `{entry.name}` | {entry.event_type.version} | {entry.meaning} | {parts or 'none'} |\n"
    )


def write(folder: Path = HERE) -> list[Path]:
    """Write the catalogue and the schemas; gives the files that changed.

    Raises: BreakingChange, when a schema of a version that exists would no longer read its facts.
    """
    wanted = {folder / "schemas" / schema_name(one): one for one in CATALOGUE.values()}
    for path, entry in wanted.items():
        _refuse_break(path, entry)
    texts = {path: schema_text(entry) for path, entry in wanted.items()}
    texts[folder / "README.md"] = catalogue_text()
    return [path for path, text in texts.items() if _write_changed(path, text)]


def _refuse_break(path: Path, entry: Entry) -> None:
    if not path.exists():
        return
    breaks = breaking_changes(json.loads(path.read_text(encoding="utf-8")), schema_of(entry))
    if breaks:
        remedy = "raise its version and add a step to upcasts.py"
        message = f"{entry.name} version {entry.event_type.version}: {'; '.join(breaks)}; {remedy}"
        raise BreakingChange(message)


def _write_changed(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def main() -> int:
    """Write what changed and say so; one when a change is refused."""
    try:
        changed = write()
    except BreakingChange as refusal:
        sys.stderr.write(f"nothing was written: {refusal}\n")
        return 1
    sys.stdout.write("".join(f"{path.relative_to(HERE)}\n" for path in changed))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""From the policy file to a Policy, or to every fault with its line and key. Never half of one."""

import re
import tomllib
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from libs.policy.faults import Fault, Path, PolicyUnreadable, key_of
from libs.policy.policy import Policy
from libs.policy.positions import line_of, locate
from libs.policy.rules import broken_rules

SHIPPED = FilePath(__file__).with_name("flux3d.toml")
_TOML_LINE = re.compile(r"at line (\d+)")


def load_policy(path: FilePath | None = None) -> Policy:
    """The policy in this file, or in the shipped one.

    Raises: PolicyUnreadable, with every fault found; OSError, when there is no such file.
    """
    source = path or SHIPPED
    return read_policy(source.read_bytes(), source=source.name)


def read_policy(raw: bytes, *, source: str) -> Policy:
    """The policy in these bytes; `source` is what errors call them.

    Raises: PolicyUnreadable, with every fault found.
    """
    text, values = _parse(raw, source=source)
    try:
        policy = Policy.model_validate(values, context={"digest": sha256(raw).hexdigest()})
    except ValidationError as error:
        found = [(_path(detail["loc"]), _problem(detail)) for detail in error.errors()]
        raise PolicyUnreadable(source, _placed(found, text)) from None
    if found := list(broken_rules(policy)):
        raise PolicyUnreadable(source, _placed(found, text))
    return policy


def _parse(raw: bytes, *, source: str) -> tuple[str, dict[str, Any]]:
    """The text and its TOML values, arrays as tuples."""
    try:
        text = raw.decode("utf-8")
        return text, {key: _frozen(value) for key, value in tomllib.loads(text).items()}
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        fault = Fault(line, "the file", "this is not UTF-8")
    except tomllib.TOMLDecodeError as error:
        place = _TOML_LINE.search(str(error))
        line = int(place[1]) if place else raw.count(b"\n") + 1
        fault = Fault(line, "the file", f"this is not TOML: {error}")
    raise PolicyUnreadable(source, (fault,))


def _frozen(value: Any) -> Any:
    """The same value with tuples for arrays."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


def _placed(found: Iterable[tuple[Path, str]], text: str) -> tuple[Fault, ...]:
    """Each finding at its line."""
    lines = locate(text)
    return tuple(Fault(line_of(path, lines), key_of(path), problem) for path, problem in found)


def _path(loc: tuple[str | int, ...]) -> Path:
    """A place as the file has it; pydantic marks the key of a mapping itself with `[key]`."""
    return tuple(step for step in loc if step != "[key]")


def _problem(detail: Any) -> str:
    """What is wrong, in words for the file's author."""
    if detail["type"] == "missing":
        return "this key is missing"
    if detail["type"] == "extra_forbidden":
        return "this key is not known here"
    return str(detail["msg"]).removeprefix("Value error, ")

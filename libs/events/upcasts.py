"""Old shapes of events into today's, one pure step per version."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Fields = dict[str, Any]
Step = Callable[[Fields], Fields]

STEPS: Mapping[tuple[str, int], Step] = MappingProxyType({})
"""(event name, version it reads) → the step that gives the next version's fields."""


def upcast(
    name: str,
    version: int,
    fields: Fields,
    *,
    to: int,
    steps: Mapping[tuple[str, int], Step] = STEPS,
) -> Fields:
    """The fields of an event in today's shape.

    Shape: sealed parts pass as they are; a step may rename or add clear fields only.
    Raises: KeyError, when a step is missing.
    """
    for step_version in range(version, to):
        fields = steps[name, step_version](dict(fields))
    return fields

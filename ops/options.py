"""A command's arguments and options as one frozen dataclass, where they are many."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar, get_type_hints

Asked = TypeVar("Asked")


def spread(asked: type[Asked]) -> Callable[[Callable[[Asked], None]], Callable[..., None]]:
    """Let Typer see each field of a dataclass as a parameter of the command that takes it.

    Shape: fields are written as Typer's parameters are, `name: Annotated[type, Option(…)] = …`.
    """
    hints = get_type_hints(asked, include_extras=True)

    def decorate(command: Callable[[Asked], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def called(**values: Any) -> None:
            command(asked(**values))

        parameters = [_parameter(one, hints[one.name]) for one in fields(asked)]  # type: ignore[arg-type]  # a dataclass, by contract
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect reads
        called.__annotations__ = hints
        return called

    return decorate


def _parameter(one: Field[Any], hint: Any) -> inspect.Parameter:
    default = one.default
    if default is MISSING:
        factory = one.default_factory
        default = inspect.Parameter.empty if factory is MISSING else factory()
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(one.name, kind, default=default, annotation=hint)

"""Personal data inside an event: a part that is plain, sealed or shredded, and never mistaken."""

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec


class PersonalPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields about a person that live and die together under one key.

    Shape: `category` names the key of the record that seals it; `why` says why it is kept.
    """

    category: ClassVar[str]
    why: ClassVar[str]


Part = TypeVar("Part", bound=PersonalPart)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A part as it is stored: bytes that only the record's key can read."""

    box: bytes


@dataclass(frozen=True, slots=True)
class Erased:
    """A part whose key was destroyed; nobody can read it any more."""

    category: str


class Personal(Generic[Part]):
    """A person's part of an event: plain on its way in, sealed wherever it is kept.

    Why: an encoder that meets a plain part refuses it, so plaintext cannot leave by accident.
    """

    __slots__ = ("held",)

    def __init__(self, held: Part | Sealed | Erased) -> None:
        """Hold the part in one of its three states."""
        self.held = held

    @property
    def plain(self) -> Part:
        """The readable part.

        Raises: TypeError, when it is sealed or erased; check `held` where that may be.
        """
        if isinstance(self.held, Sealed | Erased):
            message = f"the part is {type(self.held).__name__.lower()}, not plain"
            raise TypeError(message)
        return self.held

    @property
    def box(self) -> bytes:
        """The sealed bytes.

        Raises: TypeError, when the part is plain or erased.
        """
        if not isinstance(self.held, Sealed):
            message = "the part is not sealed"
            raise TypeError(message)
        return self.held.box

    def __eq__(self, other: object) -> bool:
        """Equal when both hold the same."""
        return isinstance(other, Personal) and self.held == other.held

    def __hash__(self) -> int:
        """Hash by what is held."""
        return hash(self.held)

    def __repr__(self) -> str:
        """The state only, never the content."""
        state = "plain" if isinstance(self.held, PersonalPart) else type(self.held).__name__.lower()
        return f"Personal({state})"


def personal_parts(event_type: type[Any]) -> dict[str, type[PersonalPart]]:
    """The personal fields of an event class, by name, with the part each holds."""
    hints = get_type_hints(event_type)
    return {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is Personal}

"""What an event is: a frozen fact with an owner, a version and a meaning."""

from typing import ClassVar

import msgspec

from libs.events.values import Owner


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact that happened; its class name is its name and its docstring its meaning.

    Shape: `owners` may say it; `version` counts its shapes; fields of type `Personal[…]` are a
    person's and name category and reason in the part's class; all other fields hold no person.
    """

    owners: ClassVar[tuple[Owner, ...]]
    version: ClassVar[int] = 1

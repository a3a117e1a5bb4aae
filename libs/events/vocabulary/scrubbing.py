"""What every owner of records says when an erasure reached it."""

from typing import ClassVar
from uuid import UUID

from libs.events.event import Event
from libs.events.values import Category, Owner


class ScrubStarted(Event, frozen=True, kw_only=True):
    """An erasure reached this owner, and objects of the record are to be deleted first.

    Why: RecordScrubbed may only be said when the objects are gone, and deleting them takes time.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.BILLING,)

    erasure: UUID
    categories: tuple[Category, ...]


class RecordScrubbed(Event, frozen=True, kw_only=True):
    """This owner's views of the record are blank and its objects are gone.

    Shape: said for every RecordErased, also by an owner that kept nothing of the record.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES, Owner.CONSENT, Owner.BILLING)

    owner: Owner
    erasure: UUID
    categories: tuple[Category, ...]
    objects_deleted: int

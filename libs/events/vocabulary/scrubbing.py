"""What owners of records say of letting them go."""

from typing import ClassVar
from uuid import UUID

from libs.events.event import Event
from libs.events.values import Category, Owner


class RecordAbandoned(Event, frozen=True, kw_only=True):
    """A key was made for the record and its first fact never kept; the key is to go.

    Why: it is the record's first fact, so a request that comes too late finds it and is refused.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES, Owner.CONSENT)


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

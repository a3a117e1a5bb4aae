"""What app needs from outside, by shape; main joins them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID


class SignsLinks(Protocol):
    """Makes tokens for links that need no account."""

    def sign(self, purpose: str, record: UUID, *, expires_at: datetime, nonce: str = "") -> str:
        """The token; the same for the same inputs."""
        ...


class SendsMail(Protocol):
    """Hands one letter to the mail server."""

    async def send(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Send it; the id lets a repeated letter be recognised.

        Raises: Unavailable, when the server does not take it.
        """
        ...


class FindsEndedOffers(Protocol):
    """Knows which offers have passed their date."""

    async def find_ended_offers(self, today_on: date, limit: int) -> list[UUID]:
        """Quotes whose offer was valid until a day before this one, longest ended first."""
        ...


class StoredPart(Protocol):
    """A personal part as it lies somewhere: the head of its box and the place it should be for.

    Shape: `at` names the event or the record, for people who look for it.
    """

    @property
    def at(self) -> UUID:
        """The id of what holds it."""
        ...

    @property
    def event_id(self) -> UUID | None:
        """The event it must be sealed for, where that is known."""
        ...

    @property
    def name(self) -> str:
        """The name of the event it came in."""
        ...

    @property
    def field(self) -> str:
        """The event's field it stood in."""
        ...

    @property
    def box_head(self) -> bytes | None:
        """The first bytes of the box; none, when there are no bytes at all."""
        ...


class InspectsStore(Protocol):
    """Shows how personal parts lie on disk."""

    async def read_log_parts(self, limit: int) -> Sequence[StoredPart]:
        """The personal parts of the newest events."""
        ...

    async def read_view_parts(self, limit: int) -> Sequence[StoredPart]:
        """The personal parts of the newest rows of the view."""
        ...

    async def find_unscrubbed(self, limit: int) -> Sequence[UUID]:
        """Ids of scrubs after which a box is still in the view."""
        ...

    async def count_scrubbed(self) -> int:
        """How many records were scrubbed."""
        ...

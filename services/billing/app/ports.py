"""What app needs from outside, by shape; main joins them."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from libs.events.database import Connection
from services.billing.domain.books import BookEntry, StoredPart
from services.billing.domain.invoice_number import InvoiceNumber


class TakesNumbers(Protocol):
    """Gives invoice numbers without a gap."""

    async def take_number(self, connection: Connection, year: int) -> InvoiceNumber:
        """The next number of the year, in the transaction that is open."""
        ...


class InvoiceShelf(Protocol):
    """Where sealed invoices lie.

    Raises: ShelfUnavailable from every call, when the object store does not answer.
    """

    @property
    def bucket(self) -> str:
        """The name of the bucket they lie in."""
        ...

    async def put_invoice(self, number: InvoiceNumber, box: bytes) -> None:
        """Keep the sealed document; a repeat replaces it."""
        ...

    async def read_invoice(self, number: InvoiceNumber) -> bytes | None:
        """The sealed document, or none."""
        ...

    async def erase_invoice(self, number: InvoiceNumber) -> int:
        """Delete every version and every unfinished upload; gives how many there were."""
        ...

    async def list_invoices(self) -> set[str]:
        """The names of all objects on the shelf."""
        ...


class InspectsBooks(Protocol):
    """Shows the books as they lie in the database."""

    async def read_log_parts(self, limit: int) -> Sequence[StoredPart]:
        """The personal parts of the newest events."""
        ...

    async def read_view_parts(self, limit: int) -> Sequence[StoredPart]:
        """The personal parts of the newest rows of the views."""
        ...

    async def find_number_gaps(self, limit: int) -> Sequence[UUID]:
        """Invoices whose number does not follow the one before, or that miss a later one."""
        ...

    async def count_lost_numbers(self) -> int:
        """How many numbers were taken and stand on no invoice."""
        ...

    async def read_books(self, after: UUID | None, limit: int) -> Sequence[BookEntry]:
        """A page of orders in order of their records."""
        ...

    async def find_waiting(self, effect: str) -> set[UUID]:
        """The facts that still owe this effect."""
        ...

    async def find_unscrubbed(self, limit: int) -> Sequence[UUID]:
        """Scrubs of the billing party after which a box is still in a view."""
        ...

    async def count_scrubbed(self) -> int:
        """How many scrubs of a billing party were finished."""
        ...

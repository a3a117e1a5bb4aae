"""Rows of the view invoice_register, in and out."""

from dataclasses import dataclass

from libs.events.database import Pool
from services.billing.projections.invoice_register import InvoiceEntry
from services.billing.store.record_table import QUERIES, RecordTable

Place = tuple[int, int]
"""A year and a number in it."""

_AFTER_ALL: Place = (2**31 - 1, 2**31 - 1)

INVOICE_REGISTER_TABLE = RecordTable(
    row_type=InvoiceEntry,
    columns=InvoiceEntry.__struct_fields__,
    read_rows=QUERIES["read_invoice_register"],
    write_rows=QUERIES["write_invoice_register"],
    delete_rows=QUERIES["delete_invoice_register"],
)


@dataclass(frozen=True)
class InvoiceReader:
    """Answers questions from the view as it is live."""

    pool: Pool

    async def find_invoice(self, number: str) -> InvoiceEntry | None:
        """The invoice with this number, or none."""
        row = await self.pool.fetchrow(QUERIES["find_invoice"], number)
        return InvoiceEntry(**row) if row else None

    async def list_invoices(self, before: Place | None, limit: int) -> list[InvoiceEntry]:
        """Invoices, newest number first, before this place."""
        year, sequence = before or _AFTER_ALL
        rows = await self.pool.fetch(QUERIES["list_invoices"], year, sequence, limit)
        return [InvoiceEntry(**row) for row in rows]

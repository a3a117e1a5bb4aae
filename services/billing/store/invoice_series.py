"""The last number of each invoice series: a row that is locked while an invoice is issued."""

from libs.events.database import Connection
from services.billing.domain.invoice_number import SERIES, InvoiceNumber
from services.billing.store.record_table import QUERIES


class InvoiceSeries:
    """Counts invoices without a gap."""

    async def take_number(self, connection: Connection, year: int) -> InvoiceNumber:
        """The next number of the year, taken in the transaction that is open.

        Shape: a transaction that rolls back gives the number back; others wait for its end.
        Why:   a database sequence would lose numbers, a view would count again in a rebuild.
        """
        sequence = await connection.fetchval(QUERIES["take_number"], SERIES, year)
        return InvoiceNumber(year, sequence)

"""What billing can measure about its promises, over its real state."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date

from libs.events.catalogue import CATALOGUE
from libs.events.clock import Clock
from libs.events.errors import Unreadable
from libs.events.seal import open_box, read_header
from libs.events.values import Category
from libs.events.vocabulary.quotes import BillingParty
from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.policy.calendar import local_date
from libs.policy.evidence import CheckResult
from services.billing.app.checking import EXAMPLES_MAX, Finding, result
from services.billing.app.effects import STORE_INVOICE
from services.billing.app.ports import InspectsBooks, InvoiceShelf
from services.billing.domain.books import BookEntry, Fault, StoredPart, fault_of_hold
from services.billing.domain.hold import HoldRule
from services.billing.domain.invoice_document import InvoiceDocument
from services.billing.domain.invoice_number import object_name, read_number

SEALED = "personal_fields_sealed"
COMPLETE = "invoices_complete"
HELD = "billing_held_to_term"
SCRUBBED = "erased_records_scrubbed"
PARTS_MAX = 10_000
PAGE_ENTRIES = 500
DOCUMENTS_OPENED_MAX = 50
Check = Callable[[], Awaitable[CheckResult]]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The checks of billing, each named as the policy names it."""

    books: InspectsBooks
    shelf: InvoiceShelf
    keyring: Keyring
    clock: Clock
    hold: HoldRule

    async def personal_fields_sealed(self) -> CheckResult:
        """Whether each personal part is a box, sealed for the very place where it lies."""
        log_parts = await self.books.read_log_parts(PARTS_MAX)
        view_parts = await self.books.read_view_parts(PARTS_MAX)
        bad = [str(one.event_id) for one in (*log_parts, *view_parts) if not is_sealed(one)]
        finding = Finding(
            looked_at=len(log_parts) + len(view_parts),
            bad=bad,
            figures={
                "log_parts": len(log_parts),
                "view_parts": len(view_parts),
                "not_sealed": len(bad),
            },
            reason=f"The newest {PARTS_MAX} of each were looked at.",
        )
        return result(SEALED, finding, self.clock)

    async def invoices_complete(self) -> CheckResult:
        """Whether no number is missing, and each invoice inside its term has a readable document.

        Shape: a document that is still to be stored is counted as waiting, not as missing.
        """
        lost = await self.books.count_lost_numbers()
        gaps = await self.books.find_number_gaps(EXAMPLES_MAX)
        numbered = [it async for it in self._entries() if it.number]
        invoices = [it for it in numbered if it.scrub_started_at is None]
        waiting = await self.books.find_waiting(STORE_INVOICE)
        stored = await self.shelf.list_invoices()
        missing = {it for it in invoices if _object_of(it) not in stored}
        there = [it for it in invoices if it not in missing]
        unreadable = await self._unreadable(there[-DOCUMENTS_OPENED_MAX:])
        absent = [it for it in missing if it.event_id not in waiting]
        finding = Finding(
            looked_at=len(numbered),
            bad={str(it) for it in gaps} | {str(it.event_id) for it in (*absent, *unreadable)},
            figures={
                "invoices": len(numbered),
                "documents_due": len(invoices),
                "numbers_lost": lost,
                "documents_waiting": len(missing) - len(absent),
                "documents_missing": len(absent),
                "documents_unreadable": len(unreadable),
            },
            reason=f"The newest {DOCUMENTS_OPENED_MAX} documents were opened.",
            is_broken=lost != 0,
        )
        return result(COMPLETE, finding, self.clock)

    async def billing_held_to_term(self) -> CheckResult:
        """Whether each order is held to its date and readable until then, and neither after it."""
        today_on = local_date(self.clock.now())
        figures: Counter[str] = Counter(orders=0, held=0, released=0)
        bad: set[str] = set()
        async for page in self._pages():
            faults = await self._faults(page, today_on)
            bad.update(faults)
            figures.update(orders=len(page), held=sum(it.is_held for it in page))
            figures.update(released=sum(it.released_at is not None for it in page))
            figures.update(map(str, faults.values()))
        finding = Finding(looked_at=figures["orders"], bad=bad, figures=figures)
        return result(HELD, finding, self.clock)

    async def erased_records_scrubbed(self) -> CheckResult:
        """Whether registers and shelf are blank for every record whose billing party was erased."""
        stored = await self.shelf.list_invoices()
        left = await self.books.find_unscrubbed(EXAMPLES_MAX)
        entries = [it async for it in self._entries()]
        objects = [it for it in entries if it.erased_at and _object_of(it) in stored]
        known = {_object_of(it) for it in entries}
        scrubbed = await self.books.count_scrubbed()
        finding = Finding(
            looked_at=scrubbed,
            bad={str(it) for it in left} | {str(it.event_id) for it in objects},
            figures={
                "scrubbed_records": scrubbed,
                "boxes_left": len(left),
                "objects_left": len(objects),
                "objects_unknown": len(stored - known),
                "scrubs_under_way": sum(
                    it.scrub_started_at is not None and it.erased_at is None for it in entries
                ),
            },
            is_broken=bool(stored - known),
        )
        return result(SCRUBBED, finding, self.clock)

    async def _faults(self, page: Sequence[BookEntry], today_on: date) -> dict[str, Fault]:
        """What is wrong on this page: a fault by the event that shows it."""
        unerased = [it for it in page if it.erased_at is None]
        keys = await self._keys(unerased)
        faults = {}
        for entry in page:
            fault = fault_of_hold(entry, self.hold, today_on)
            fault = fault or _fault_of_reading(entry, keys.get(entry), today_on)
            if fault is not None:
                faults[str(entry.event_id)] = fault
        return faults

    async def _unreadable(self, entries: Sequence[BookEntry]) -> list[BookEntry]:
        keys = await self._keys(entries)
        return [it for it in entries if not await self._document_opens(it, keys.get(it))]

    async def _document_opens(self, entry: BookEntry, key: DataKey | None) -> bool:
        number = read_number(entry.number or "")
        box = await self.shelf.read_invoice(number) if number and key else None
        if box is None or key is None:
            return False
        try:
            document = open_box(box, InvoiceDocument, entry.record, key.secret)
        except Unreadable:
            return False
        return document.number == entry.number

    async def _keys(self, entries: Sequence[BookEntry]) -> dict[BookEntry, DataKey]:
        """The keys that still exist; one trip to the keyring."""
        if not entries:
            return {}
        category = str(Category.BILLING)
        found = await self.keyring.open_keys([(it.record, category) for it in entries])
        keys = {it: found[it.record, category] for it in entries}
        return {it: key for it, key in keys.items() if isinstance(key, DataKey)}

    async def _entries(self) -> AsyncIterator[BookEntry]:
        async for page in self._pages():
            for entry in page:
                yield entry

    async def _pages(self) -> AsyncIterator[Sequence[BookEntry]]:
        after = None
        while page := await self.books.read_books(after, PAGE_ENTRIES):
            yield page
            after = page[-1].record


def is_sealed(part: StoredPart) -> bool:
    """Whether the part is a box whose header names this place, and the category it must have."""
    wanted = CATALOGUE[part.name].parts["party"].category
    try:
        header, _ = read_header(part.box_head or b"")
    except Unreadable:
        return False
    place = (header.event_id, header.name, header.part, header.category)
    return place == (part.event_id, part.name, "party", wanted)


def _fault_of_reading(entry: BookEntry, key: DataKey | None, today_on: date) -> Fault | None:
    """What is wrong with the reading of an entry: unreadable too early, or readable too long.

    Shape: a record on its way out, inside the tolerance, may be either.
    """
    if entry.erased_at is not None:
        return None
    if entry.is_held:
        return None if _party_opens(entry, key) else Fault.UNREADABLE_INSIDE_TERM
    return Fault.READABLE_PAST_TERM if key and entry.is_past(today_on) else None


def _party_opens(entry: BookEntry, key: DataKey | None) -> bool:
    if entry.party is None or key is None:
        return False
    try:
        open_box(entry.party, BillingParty, entry.record, key.secret)
    except Unreadable:
        return False
    return True


def _object_of(entry: BookEntry) -> str | None:
    number = read_number(entry.number or "")
    return object_name(number) if number else None

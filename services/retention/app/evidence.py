"""What retention can show for the clauses it keeps, measured over its real state."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.events.clock import Clock
from libs.policy.calendar import Months, add_months
from libs.policy.evidence import CheckResult
from services.retention.app.backups import Backups
from services.retention.app.certificate import CertificateForged, Certifier
from services.retention.app.ports import ClockFigures, ErasureFigures
from services.retention.domain.terms import ORDERED_CLAUSE, QUOTE_CLAUSE
from services.retention.projections.clock import DUE, ERASED, HELD, OPEN
from services.retention.projections.erasure_progress import ErasureProgress

SHOWN_EVENTS = 20
"""How many events of a breach are shown."""

PAGE_CERTIFICATES = 200


@dataclass(frozen=True, kw_only=True)
class Checks:
    """The measurements, each over what the clocks and the erasures really say.

    Units: `tolerance` is how long after its term a record may still be on its way out.
    """

    clocks: ClockFigures
    erasures: ErasureFigures
    backups: Backups
    certifier: Certifier
    clock: Clock
    tolerance: timedelta
    answer_within: Months
    shred_within: timedelta

    def by_name(self) -> Mapping[str, Callable[[], Awaitable[CheckResult]]]:
        """The checks this service runs, as the policy names them."""
        return {
            "quotes_erased_on_time": self.quotes_erased_on_time,
            "ordered_quotes_erased_on_time": self.ordered_quotes_erased_on_time,
            "holds_named": self.holds_named,
            "erasures_certified": self.erasures_certified,
            "backups_end_on_time": self.backups_end_on_time,
        }

    async def quotes_erased_on_time(self) -> CheckResult:
        """No quote without an order is readable after its term."""
        return await self._erased_on_time("quotes_erased_on_time", QUOTE_CLAUSE)

    async def ordered_quotes_erased_on_time(self) -> CheckResult:
        """No quote content of an ordered record is readable after its term."""
        return await self._erased_on_time("ordered_quotes_erased_on_time", ORDERED_CLAUSE)

    async def _erased_on_time(self, check: str, clause: str) -> CheckResult:
        now = self.clock.now()
        counts = await self.clocks.count_by_state(clause)
        overdue = await self.clocks.find_overdue(clause, now - self.tolerance, SHOWN_EVENTS)
        return _result(
            check,
            now,
            broken=overdue,
            seen=sum(counts.values()),
            figures={
                "in_term_records": counts.get(OPEN, 0),
                "going_records": counts.get(DUE, 0),
                "held_records": counts.get(HELD, 0),
                "erased_records": counts.get(ERASED, 0),
                "overdue_shown": len(overdue),
            },
        )

    async def holds_named(self) -> CheckResult:
        """Everything held names its basis and its date, and nothing is held past that date."""
        now = self.clock.now()
        held = await self.clocks.count_held()
        unnamed = await self.clocks.find_unnamed_holds(now - self.tolerance, SHOWN_EVENTS)
        outlived = await self.clocks.find_outlived_holds(now - self.tolerance, SHOWN_EVENTS)
        figures = {
            "held_categories": held,
            "unnamed_shown": len(unnamed),
            "outlived_shown": len(outlived),
        }
        return _result("holds_named", now, broken=unnamed + outlived, seen=held, figures=figures)

    async def erasures_certified(self) -> CheckResult:
        """Every finished erasure has a certificate that verifies, and none takes over a month."""
        now = self.clock.now()
        certified, broken = await self._verify_all()
        under_way, _ = await self.erasures.under_way()
        slow = await self.erasures.find_slow(_months_before(now, self.answer_within), SHOWN_EVENTS)
        figures = {
            "certified_erasures": certified,
            "under_way_erasures": under_way,
            "asked_again_erasures": await self.erasures.count_asked_again(),
            "slow_shown": len(slow),
        }
        seen = certified + len(broken) + len(slow)
        return _result("erasures_certified", now, broken=broken + slow, seen=seen, figures=figures)

    async def backups_end_on_time(self) -> CheckResult:
        """No backup is older than its term, and none can give back a key destroyed days ago."""
        now = self.clock.now()
        waiting = await self.erasures.count_recoverable()
        beyond = await self.erasures.count_unrecoverable()
        late = await self.erasures.find_recoverable(now - self.shred_within, SHOWN_EVENTS)
        backups = await self.backups.look(self.tolerance)
        figures = {
            "unrecoverable_erasures": beyond,
            "waiting_erasures": waiting,
            "late_shown": len(late),
            "kept_backups": backups.kept,
            "ended_backups": backups.ended,
            "overdue_backups": len(backups.overdue),
        }
        seen = beyond + waiting + backups.kept + backups.ended
        broken: list[UUID | str] = [*late, *backups.overdue[:SHOWN_EVENTS]]
        return _result("backups_end_on_time", now, broken=broken, seen=seen, figures=figures)

    async def _verify_all(self) -> tuple[int, list[UUID]]:
        certified, broken, after = 0, list[UUID](), None
        while page := await self.erasures.list_certificates(after, PAGE_CERTIFICATES):
            for row in page:
                if self._verifies(row):
                    certified += 1
                else:
                    broken.append(row.completed_by or row.erasure)
            after = page[-1].erasure
        return certified, broken[:SHOWN_EVENTS]

    def _verifies(self, row: ErasureProgress) -> bool:
        """Whether the signature is ours and the content is what the erasure's own facts say."""
        try:
            content = self.certifier.read(row.certificate or "")
        except CertificateForged:
            return False
        erased = {(part.record, part.category) for part in content.erased}
        return content.erasure == row.erasure and erased == {
            (part.record, part.category) for part in row.erased
        }


def _months_before(now: datetime, months: Months) -> datetime:
    """An instant such that whatever began before it has lasted longer than these months."""
    longest = add_months(now, months) - now
    return now - longest


def _result(
    check: str,
    now: datetime,
    *,
    broken: Sequence[UUID | str],
    seen: int,
    figures: Mapping[str, int],
) -> CheckResult:
    said: dict[str, Any] = {"verdict": "kept"}
    if broken:
        said = {"verdict": "broken", "reason": "the events show what is not as promised"}
    elif not seen:
        said = {"verdict": "nothing_to_check", "reason": "there is nothing of this kind yet"}
    return CheckResult(
        check=check,
        measured_at=now,
        figures=dict(figures),
        events=tuple(str(event) for event in broken),
        **said,
    )

"""What this service can measure about its promises, over its real state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from libs.events.catalogue import CATALOGUE
from libs.events.clock import Clock
from libs.events.errors import Unreadable
from libs.events.seal import read_header
from libs.policy.evidence import CheckResult
from services.quotes.app.ports import InspectsStore, StoredPart

SEALED = "personal_fields_sealed"
SCRUBBED = "erased_records_scrubbed"
PARTS_MAX = 10_000
EXAMPLES_MAX = 20


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The checks of quotes, each named as the policy names it."""

    store: InspectsStore
    clock: Clock

    async def personal_fields_sealed(self) -> CheckResult:
        """Whether each personal part is a box, sealed for the very place where it lies."""
        log_parts = await self.store.read_log_parts(PARTS_MAX)
        view_parts = await self.store.read_view_parts(PARTS_MAX)
        bad = [part for part in (*log_parts, *view_parts) if not is_sealed(part)]
        looked_at = len(log_parts) + len(view_parts)
        return CheckResult(
            check=SEALED,
            verdict=_verdict(looked_at, len(bad)),
            measured_at=self.clock.now(),
            figures={
                "log_parts": len(log_parts),
                "view_parts": len(view_parts),
                "not_sealed": len(bad),
            },
            events=tuple(str(part.at) for part in bad[:EXAMPLES_MAX]),
            reason=_reason(looked_at, f"The newest {PARTS_MAX} of each were looked at."),
        )

    async def erased_records_scrubbed(self) -> CheckResult:
        """Whether the view is blank for every erased record."""
        left: Sequence[object] = await self.store.find_unscrubbed(EXAMPLES_MAX)
        scrubbed = await self.store.count_scrubbed()
        return CheckResult(
            check=SCRUBBED,
            verdict=_verdict(scrubbed, len(left)),
            measured_at=self.clock.now(),
            figures={"scrubbed_records": scrubbed, "boxes_left": len(left)},
            events=tuple(str(event_id) for event_id in left),
            reason=_reason(scrubbed, ""),
        )


def is_sealed(part: StoredPart) -> bool:
    """Whether the part is a box whose header names this place, and the category it must have."""
    wanted = CATALOGUE[part.name].parts[part.field].category
    try:
        header, _ = read_header(part.box_head or b"")
    except Unreadable:
        return False
    place = (header.name, header.part, header.category) == (part.name, part.field, wanted)
    return place and part.event_id in {None, header.event_id}


def _verdict(looked_at: int, bad: int) -> Literal["kept", "broken", "nothing_to_check"]:
    if bad:
        return "broken"
    return "kept" if looked_at else "nothing_to_check"


def _reason(looked_at: int, otherwise: str) -> str:
    return otherwise if looked_at else "There is nothing of this kind yet."

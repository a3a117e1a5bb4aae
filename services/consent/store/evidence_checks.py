"""What consent can measure about its promises, over its log and views as they are."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from libs.events.clock import Clock
from libs.events.database import Pool
from libs.events.postgres_log import database_errors
from libs.events.queries import load_queries
from libs.events.vocabulary.consent import PolicyPublished
from libs.policy.evidence import CheckResult, Measured
from libs.policy.policy import Policy
from services.consent.store.requester_boxes import is_log_box, is_view_box

QUERIES = load_queries(Path(__file__).with_name("evidence.sql"))
EXAMPLES_MAX = 20
BOXES_MAX = 10_000
FORGETTING = timedelta(days=1)
"""How long an answered request may still hold its address before that is a breach."""


@dataclass(frozen=True, kw_only=True)
class EvidenceChecks:
    """The checks of consent, each named as the policy names it."""

    pool: Pool
    clock: Clock
    policy: Policy

    def by_name(self) -> Mapping[str, Callable[[], Awaitable[CheckResult]]]:
        """Every check under its name."""
        checks = (
            self.personal_fields_sealed,
            self.choices_complete,
            self.signals_honoured,
            self.choices_follow_the_last,
            self.refusals_not_asked_again,
            self.erased_records_scrubbed,
            self.rights_requests_on_time,
            self.policy_published,
        )
        return {check.__name__: check for check in checks}

    async def personal_fields_sealed(self) -> CheckResult:
        """Whether each address in the log and the view is a box sealed for its own place."""
        in_log = await self._fetch("read_log_boxes", BOXES_MAX)
        in_view = await self._fetch("read_view_boxes", BOXES_MAX)
        bad = [
            row["event_id"] for row in in_log if not is_log_box(row["box_head"], row["event_id"])
        ]
        bad += [
            row["event_id"] for row in in_view if not is_view_box(row["box_head"], row["event_id"])
        ]
        figures = {"log_parts": len(in_log), "view_parts": len(in_view), "not_sealed": len(bad)}
        return self._result("personal_fields_sealed", len(in_log) + len(in_view), bad, figures)

    async def choices_complete(self) -> CheckResult:
        """Whether every choice names each answer, its source, notice version and language."""
        bad = await self._ids("find_incomplete_choices", EXAMPLES_MAX)
        figures = await self._figures("count_choices")
        return self._result("choices_complete", figures["choices"], bad, figures)

    async def signals_honoured(self) -> CheckResult:
        """Whether no choice under a signal turned on by default what the signal refuses."""
        bad = await self._ids("find_ignored_signals", EXAMPLES_MAX)
        figures = await self._figures("count_choices")
        return self._result("signals_honoured", figures["under_signal"], bad, figures)

    async def choices_follow_the_last(self) -> CheckResult:
        """Whether what is shown is the last choice in the log, so a withdrawal counts at once."""
        bad = await self._ids("find_stale_choices", EXAMPLES_MAX)
        figures = await self._figures("count_choices")
        return self._result("choices_follow_the_last", figures["choices"], bad, figures)

    async def refusals_not_asked_again(self) -> CheckResult:
        """Whether no refusal was followed by a banner within the term, under the same notice."""
        months = self.policy.terms.refusal_re_ask.count
        bad = await self._ids("find_early_prompts", months, EXAMPLES_MAX)
        figures = await self._figures("count_choices")
        return self._result("refusals_not_asked_again", figures["refusals"], bad, figures)

    async def erased_records_scrubbed(self) -> CheckResult:
        """Whether nothing of an erased category is left in a view."""
        bad = await self._ids("find_unscrubbed", EXAMPLES_MAX)
        figures = await self._figures("count_scrubbed")
        return self._result("erased_records_scrubbed", figures["records"], bad, figures)

    async def rights_requests_on_time(self) -> CheckResult:
        """Whether confirmed requests were answered in time, and ended ones forgot who asked."""
        now = self.clock.now()
        late = await self._ids("find_late_requests", now, EXAMPLES_MAX)
        kept = await self._ids("find_remembered_requesters", now - FORGETTING, EXAMPLES_MAX)
        figures = await self._figures("count_requests")
        bad = [*late, *(one for one in kept if one not in late)]
        figures |= {"late": len(late), "still_holding_an_address": len(kept)}
        return self._result("rights_requests_on_time", figures["received"], bad, figures)

    async def policy_published(self) -> CheckResult:
        """Whether the last publication in the log is the policy this service runs with."""
        rows = await self._fetch("find_last_publication")
        bad = [row["event_id"] for row in rows if not self._is_ours(row["data"])]
        figures = await self._figures("count_publications")
        figures |= {"version": self.policy.version, "digest_sha256": self.policy.digest}
        return self._result("policy_published", len(rows), bad, figures)

    def _is_ours(self, data: str) -> bool:
        said = msgspec.json.decode(data, type=PolicyPublished)
        ours = (self.policy.version, self.policy.effective_on, self.policy.digest)
        return (said.policy_version, said.effective_on, said.digest_sha256) == ours

    def _result(
        self, check: str, looked_at: int, bad: list[UUID], figures: dict[str, Any]
    ) -> CheckResult:
        kept: Measured = "kept" if looked_at else "nothing_to_check"
        return CheckResult(
            check=check,
            verdict="broken" if bad else kept,
            measured_at=self.clock.now(),
            figures=figures,
            events=tuple(str(event_id) for event_id in bad[:EXAMPLES_MAX]),
            reason="" if looked_at else "There is nothing of this kind yet.",
        )

    async def _fetch(self, query: str, *args: object) -> list[Any]:
        with database_errors():
            return await self.pool.fetch(QUERIES[query], *args)

    async def _ids(self, query: str, *args: object) -> list[UUID]:
        return [row["event_id"] for row in await self._fetch(query, *args)]

    async def _figures(self, query: str) -> dict[str, Any]:
        (row,) = await self._fetch(query)
        return dict(row)

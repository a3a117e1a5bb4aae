"""The evidence door: what a service measures of the policy's sentences that it keeps."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter

from libs.policy.evidence import CheckResult, EvidenceDocument, evidence_document
from libs.policy.policy import Policy

Check = Callable[[], Awaitable[CheckResult]]
FRESH_SECONDS = 2.0


class Evidence:
    """Runs the checks of one service, one round at a time, and keeps the answer for a moment.

    Why: the door is open to everyone, and a check reads real state.
    """

    def __init__(self, policy: Policy, service: str, checks: Mapping[str, Check]) -> None:
        """Measure with these checks."""
        self._policy = policy
        self._service = service
        self._checks = dict(checks)
        self._lock = asyncio.Lock()
        self._measured: tuple[float, EvidenceDocument] | None = None

    async def document(self) -> EvidenceDocument:
        """Every clause this service keeps, with its live answer.

        Raises: Unavailable, when a check cannot read its state; nothing is guessed.
        """
        async with self._lock:
            if self._measured and time.monotonic() - self._measured[0] < FRESH_SECONDS:
                return self._measured[1]
            results = [await check() for check in self._checks.values()]
            document = evidence_document(self._policy, self._service, results)
            self._measured = (time.monotonic(), document)
            return document


def evidence_doors(evidence: Evidence, service: str) -> APIRouter:
    """`GET /api/evidence/<service>`, open to everyone: it holds no person, only ids of events."""
    router = APIRouter(prefix="/api/evidence", tags=["evidence"])

    @router.get(f"/{service}")
    async def evidence_of_service() -> EvidenceDocument:
        """What this service measures, clause by clause."""
        return await evidence.document()

    return router

"""What a service answers at its evidence door: each clause it keeps, and what was measured.

The checks themselves live in the services; here their results meet the sentences they are about.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from libs.policy.checks import CHECKS
from libs.policy.policy import Clause, Policy

Measured = Literal["kept", "broken", "nothing_to_check"]
Verdict = Literal[
    "kept", "broken", "cannot_be_kept_as_written", "nothing_to_check", "not_measured_here"
]


class CheckResult(BaseModel):
    """What one check of a service saw in its real state.

    Shape: `figures` counts things, by name with unit; `events` are the ids that show a breach.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: str
    verdict: Measured
    measured_at: AwareDatetime
    figures: dict[str, int | float | str] = {}
    events: tuple[str, ...] = ()
    reason: str = ""


class Evidence(BaseModel):
    """One clause and its live answer.

    Shape: `measured_at` is absent where nothing was measured. Where the sentence cannot be kept
           as written, `chosen` is what is done instead and `chosen_verdict` how that measures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: str
    promise: str
    verdict: Verdict
    check: str | None = None
    measured_at: AwareDatetime | None = None
    figures: dict[str, int | float | str] = {}
    events: tuple[str, ...] = ()
    reason: str = ""
    terms: tuple[str, ...] = ()
    chosen: str | None = None
    chosen_verdict: Measured | None = None
    source: str


class EvidenceDocument(BaseModel):
    """Everything one service can say about the policy now, in the order of the policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: str
    policy_version: str
    policy_digest: str
    effective_on: date
    counts: dict[Verdict, int]
    clauses: tuple[Evidence, ...]


def evidence_document(
    policy: Policy, service: str, results: Iterable[CheckResult]
) -> EvidenceDocument:
    """The document a service returns at its evidence door.

    Shape:  a clause whose check was not run here is `not_measured_here`; a breach is always
            shown as `broken`, also of a sentence that cannot be kept as written.
    Raises: ValueError, when a result names a check that is unknown, another service's, or there
            twice.
    Source: D12.
    """
    by_check = _by_check(service, results)
    clauses = tuple(
        evidence_for(policy, clause, by_check.get(clause.check or ""))
        for clause in policy.kept_by(service)
    )
    return EvidenceDocument(
        service=service,
        policy_version=policy.version,
        policy_digest=policy.digest,
        effective_on=policy.effective_on,
        counts=dict(Counter(evidence.verdict for evidence in clauses)),
        clauses=clauses,
    )


def evidence_for(policy: Policy, clause: Clause, result: CheckResult | None) -> Evidence:
    """One clause with the result of its check, if that was run."""
    cannot = clause.cannot
    return Evidence(
        clause=clause.id,
        promise=clause.promise,
        verdict=_verdict(clause, result),
        check=clause.check,
        measured_at=result.measured_at if result else None,
        figures=result.figures if result else {},
        events=result.events if result else (),
        reason=_reason(clause, result),
        terms=tuple(policy.term_register[name].wording() for name in clause.terms),
        chosen=cannot.chosen if cannot else None,
        chosen_verdict=result.verdict if cannot and result else None,
        source=clause.source,
    )


def _by_check(service: str, results: Iterable[CheckResult]) -> dict[str, CheckResult]:
    """The results by the name of their check, each this service's own and there once."""
    by_check: dict[str, CheckResult] = {}
    for result in results:
        check = CHECKS.get(result.check)
        if check is None or service not in check.services or result.check in by_check:
            msg = f"{result.check!r} is unknown, not a check of {service}, or given twice"
            raise ValueError(msg)
        by_check[result.check] = result
    return by_check


def _verdict(clause: Clause, result: CheckResult | None) -> Verdict:
    """The answer to a clause: a breach first, then what the sentence itself allows."""
    if result and result.verdict == "broken":
        return "broken"
    if clause.cannot:
        return "cannot_be_kept_as_written"
    return result.verdict if result else "not_measured_here"


def _reason(clause: Clause, result: CheckResult | None) -> str:
    """Why the answer is what it is; never empty unless the clause is simply kept."""
    said = [clause.cannot.reason] if clause.cannot else []
    if result:
        said.append(result.reason)
    elif not clause.cannot:
        missing = "is not run here" if clause.check else "does not exist yet"
        said.append(f"a check of this sentence {missing}")
    return " ".join(part for part in said if part)

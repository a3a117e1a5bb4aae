"""The evidence document: each clause a service keeps, with what its checks saw."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.checks import CHECKS
from libs.policy.evidence import CheckResult, Evidence, Measured, evidence_document
from libs.policy.loader import load_policy

POLICY = load_policy()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SERVICES = ("quotes", "consent", "retention", "billing")
VERDICTS: tuple[Measured, ...] = ("kept", "broken", "nothing_to_check")


def _saw(check: str, verdict: Measured, **more: object) -> CheckResult:
    """A result of a check, measured now."""
    return CheckResult.model_validate(
        {"check": check, "verdict": verdict, "measured_at": NOW, **more}
    )


def _clause(service: str, clause: str, *results: CheckResult) -> Evidence:
    """What the document of a service says of one clause."""
    document = evidence_document(POLICY, service, results)
    return next(it for it in document.clauses if it.clause == clause)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_answers_for_what_it_keeps(service: str) -> None:
    """The document lists the clauses a service keeps, all of them, in the policy's order."""
    document = evidence_document(POLICY, service, ())
    assert [it.clause for it in document.clauses] == [it.id for it in POLICY.kept_by(service)]


@given(st.sampled_from(SERVICES), st.data())
def test_no_breach_is_ever_hidden(service: str, data: st.DataObject) -> None:
    """Each clause whose check saw a breach is broken, and no other clause is."""
    own = [name for name, check in CHECKS.items() if service in check.services]
    seen = data.draw(st.dictionaries(st.sampled_from(own), st.sampled_from(VERDICTS)))
    document = evidence_document(POLICY, service, [_saw(name, it) for name, it in seen.items()])
    assert {it.clause for it in document.clauses if it.verdict == "broken"} == {
        it.id for it in POLICY.kept_by(service) if seen.get(it.check or "") == "broken"
    }


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_measured_clause_says_what_was_seen(verdict: Measured) -> None:
    """The answer to a clause is its check's, with figures, events and reason."""
    result = _saw("invoices_complete", verdict, figures={"gaps": 1}, events=("e1",), reason="so")
    told = _clause("billing", "2.compliance", result)
    assert (told.verdict, told.figures, told.events, told.reason, told.measured_at) == (
        *(verdict, {"gaps": 1}, ("e1",), "so", NOW),
    )


@pytest.mark.parametrize(
    ("clause", "reason"), [("6.erasure", "is not run here"), ("2.quotes", "does not exist yet")]
)
def test_an_unmeasured_clause_says_so(clause: str, reason: str) -> None:
    """What nobody measured is never called kept."""
    told = _clause("quotes", clause)
    assert (told.verdict, told.measured_at) == ("not_measured_here", None)
    assert reason in told.reason


def test_a_sentence_that_cannot_be_kept_says_why_and_what_instead() -> None:
    """Beside the reason stand the value chosen and how that value measures."""
    told = _clause("retention", "5.1.quote", _saw("quotes_erased_on_time", "kept"))
    assert (told.verdict, told.chosen_verdict, told.terms) == (
        "cannot_be_kept_as_written",
        "kept",
        ("12 months from the last contact about the quote",),
    )
    assert told.reason.startswith("The sentence does not say")
    assert (told.chosen or "").startswith("Twelve calendar months")


def test_a_breach_of_the_chosen_value_is_a_breach() -> None:
    """A sentence that cannot be kept as written does not excuse a broken choice."""
    told = _clause("retention", "5.1.quote", _saw("quotes_erased_on_time", "broken", reason="two"))
    assert (told.verdict, told.chosen_verdict) == ("broken", "broken")
    assert told.reason.endswith("two")


def test_the_document_names_the_policy_it_measures() -> None:
    """Whoever reads the document can tell which policy it is about, and sees the sums."""
    document = evidence_document(POLICY, "retention", [_saw("holds_named", "kept")])
    assert (document.policy_version, document.policy_digest) == (POLICY.version, POLICY.digest)
    assert document.counts == {
        "cannot_be_kept_as_written": 4,
        "kept": 1,
        "not_measured_here": 1,
    }


@pytest.mark.parametrize(
    "results",
    [
        (_saw("unheard_of", "kept"),),
        (_saw("invoices_complete", "kept"),),
        (_saw("holds_named", "kept"), _saw("holds_named", "broken")),
    ],
)
def test_a_result_that_is_not_the_services_own_is_refused(
    results: tuple[CheckResult, ...],
) -> None:
    """A check that is unknown, another's, or given twice is our mistake and stops us."""
    with pytest.raises(ValueError, match="is unknown, not a check of retention, or given twice"):
        evidence_document(POLICY, "retention", results)


def test_a_result_without_a_zone_is_refused() -> None:
    """A measurement happened at an instant."""
    with pytest.raises(ValueError, match="timezone"):
        CheckResult(
            check="holds_named",
            verdict="kept",
            measured_at=datetime(2026, 1, 1),  # noqa: DTZ001 - the fault under test
        )

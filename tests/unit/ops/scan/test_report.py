"""A report is clean only when everything was looked at, and it never shows a canary."""

from pathlib import Path

from ops.scan.canaries import Canary
from ops.scan.expected import Expected
from ops.scan.looking import Looked
from ops.scan.matcher import Match, patterns_of
from ops.scan.report import Report, Reporter

HOME = Path("/home/stack")
CONTROL, CANARY = Canary("control", "the planted control"), Canary("name", "Noor de Wit")
PATTERNS = patterns_of([CONTROL, CANARY])
PLAIN_CONTROL = next(n for n, one in enumerate(PATTERNS) if one.form == CONTROL.text.encode())
PLAIN_CANARY = next(n for n, one in enumerate(PATTERNS) if one.form == CANARY.text.encode())
LOGS = Expected("logs", "utf-8")


def reported(*seen: Looked) -> Report:
    """The report on what was seen, a control being expected in the logs."""
    reporter = Reporter(["control", "name"], PATTERNS, HOME, controls=1)
    reporter.add(seen)
    reporter.expect({LOGS})
    return reporter.report


def logs(*patterns: int, place: str = "/home/stack/logs/a.log") -> Looked:
    """The logs, with sightings of these patterns."""
    seen = Looked("logs", things=1, bytes=10)
    seen.note(place, [Match(7, one) for one in patterns])
    return seen


def test_control_alone_is_clean() -> None:
    """A control that was found and nothing else is what a clean stack gives."""
    report = reported(logs(PLAIN_CONTROL))
    assert report.clean
    assert report.stores["logs"].controls_found == 1


def test_control_that_was_not_found_is_a_blind_store() -> None:
    """Where the control was not found, finding nothing means nothing."""
    report = reported(logs())
    assert not report.clean
    assert [one.missing for one in report.blind] == [["utf-8"]]


def test_proof_counts_where_nothing_can_be_planted() -> None:
    """What a store showed of its own is a control as well."""
    reporter = Reporter(["control", "name"], PATTERNS, HOME, controls=1)
    reporter.add([Looked("memory of quotes", proofs=["its own environment"])])
    reporter.expect(
        {Expected(f"memory of {one}", "its own environment") for one in ("quotes", "billing")}
    )
    assert [one.store for one in reporter.report.blind] == ["memory of billing"]


def test_control_in_another_store_does_not_count() -> None:
    """A control counts in the store it was planted in."""
    elsewhere = Looked("run")
    elsewhere.note("/home/stack/run/x", [Match(0, PLAIN_CONTROL)])
    assert reported(elsewhere, logs()).blind


def test_hit_names_label_and_place_only() -> None:
    """A hit says which canary and where, seen from the home."""
    report = reported(logs(PLAIN_CONTROL, PLAIN_CANARY))
    (hit,) = report.hits
    assert (hit.canary, hit.place, hit.offset) == ("name", "logs/a.log", 7)
    assert not report.clean


def test_name_of_a_file_that_holds_the_canary_is_not_shown() -> None:
    """A place whose own name is the finding is not printed."""
    place = "/home/stack/bucket/Noor de Wit.pdf"
    report = reported(logs(PLAIN_CANARY, place=place))
    assert "Noor" not in str(report)


def test_fault_is_not_clean() -> None:
    """Something that could not be looked at may hold anything."""
    seen = logs(PLAIN_CONTROL)
    seen.faults.append("/home/stack/logs/b.log: PermissionError")
    assert not reported(seen).clean

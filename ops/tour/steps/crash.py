"""Step 5: retention is killed while requests come in."""

from collections import Counter

from ops.tour.telling import wait_for
from ops.tour.walk import SHOWN, Walk

TITLE = "kill -9 of retention in the middle; nothing is lost, nothing is done twice"


def take(walk: Walk) -> None:
    """Each request has its clock exactly once, although the service died between them."""
    others = [case for case in walk.people if case not in SHOWN]
    for case in others[:4]:
        walk.quotes[case] = walk.request_quote(case)
    died = walk.operator.kill("retention")
    for case in others[4:]:
        walk.quotes[case] = walk.request_quote(case)
    walk.telling.check(
        "Requests are taken in while a part of the system is down",
        holds=True,
        seen=f"{len(others)} requests accepted, process {died} killed after the fourth",
    )
    started = wait_for(lambda: _clocks(walk, others), "a clock for each request")
    walk.telling.check(
        "Every request gets its term, exactly once (5.1)",
        holds=set(started.values()) == {1},
        seen=f"{len(started)} records, {sum(started.values())} clocks; "
        f"retention came back as process {walk.operator.pid_of('retention')}",
    )


def _clocks(walk: Walk, cases: list[str]) -> Counter[str] | None:
    wanted = {walk.quotes[case] for case in cases}
    found: Counter[str] = Counter()
    for quote in wanted:
        facts = walk.operator.run("events", "list", "--service", "retention", "--record", quote)
        found[quote] += sum(fact["name"] == "ClockStarted" for fact in facts["items"])
    return found if all(found[quote] for quote in wanted) else None

"""I1: what a client was told is what was kept, once, and followed once in every service."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.storm.dumps import Dump, Fact, Row
from tests.storm.history import Operation, Outcome
from tests.storm.verdict import Verdict

CAUSES: dict[str, tuple[str, str]] = {
    "quote": ("quotes", "QuoteRequested"),
    "offer": ("quotes", "QuoteOffered"),
    "accept": ("quotes", "QuoteAccepted"),
    "refuse": ("quotes", "QuoteDeclined"),
    "start": ("quotes", "ProjectStarted"),
    "complete": ("quotes", "ProjectCompleted"),
    "choice": ("consent", "ConsentChanged"),
    "right": ("consent", "RightsRequestReceived"),
    "confirm": ("consent", "ErasureRequested"),
    "erase": ("retention", "ErasureBegun"),
}
"""Which fact in whose log each command is answered with."""

Follows = tuple[str, str, str, str | None]
FOLLOWS: tuple[Follows, ...] = (
    ("quotes", "QuoteRequested", "ClockStarted", "quote"),
    ("quotes", "QuoteAccepted", "OrderPlaced", None),
    ("quotes", "ProjectCompleted", "InvoiceIssued", None),
    ("consent", "RightsRequestReceived", "ClockStarted", "rights_request"),
    ("consent", "ErasureRequested", "ErasureBegun", None),
)
"""Whose fact is followed by which one, unless that category of the record was erased."""

HEARS = {
    "quotes": ("retention",),
    "consent": ("retention",),
    "billing": ("quotes", "retention"),
    "retention": ("quotes", "consent", "billing"),
}
VIEWS = {
    "quote_status": ("quotes", ("QuoteRequested",)),
    "choice_now": ("consent", ("ConsentChanged",)),
    "rights_request": ("consent", ("RightsRequestReceived",)),
    "order_register": ("billing", ("OrderPlaced",)),
}
"""By which facts a record gets its row in which view."""

EMPTIED = {"choice_now": "consent"}
"""The views whose row goes with a category; the others keep theirs, blank."""


def check_commands(history: Iterable[Operation], dump: Dump) -> Verdict:
    """Each done command has exactly one fact, each refused one none, each unclear one at most one.

    Shape: a refused command has no fact of any name in any log.
    """
    verdict = Verdict("I1", "each command has its one fact, each refusal none")
    kept, seen = _by_trace(dump)
    for operation in history:
        count = kept[*CAUSES[operation.kind], operation.trace]
        verdict.demand(
            _fits(operation.outcome, count) and (count > 0 or operation.trace not in seen),
            f"{operation.kind} {operation.outcome} ({operation.status}) under {operation.key} has "
            f"{count} facts; record {operation.record}",
        )
    return verdict


def _by_trace(dump: Dump) -> tuple[Counter[tuple[str, str, str]], set[str]]:
    """How many answers each trace has, by log and name, and which traces have any fact."""
    answers = set(CAUSES.values())
    kept: Counter[tuple[str, str, str]] = Counter()
    seen: set[str] = set()
    for service, one in dump.services.items():
        for fact in one.log:
            if fact.trace:
                seen.add(fact.trace)
                if (service, fact.name) in answers:
                    kept[service, fact.name, fact.trace] += 1
    return kept, seen


def _fits(outcome: Outcome, count: int) -> bool:
    allowed = {Outcome.OK: (1,), Outcome.FAIL: (0,), Outcome.UNKNOWN: (0, 1)}
    return count in allowed[outcome]


def check_effects(dump: Dump) -> Verdict:
    """What follows a fact in another service follows once, and every listener heard it."""
    verdict = Verdict("I1b", "each fact was heard by all and followed by one of each kind")
    for service, one in dump.services.items():
        repeated = Counter((fact.causation_id, fact.name, fact.record) for fact in one.log)
        for (cause, name, record), count in repeated.items():
            if cause is not None:
                verdict.demand(count == 1, f"{service}: {count} {name} of {record} after {cause}")
    for owner, name, follower, category in FOLLOWS:
        _check_follower(verdict, dump, (owner, name, follower, category))
    _check_heard(verdict, dump)
    return verdict


def _check_follower(verdict: Verdict, dump: Dump, rule: Follows) -> None:
    owner, name, follower, category = rule
    followed = {
        fact.causation_id
        for one in dump.services.values()
        for fact in one.log
        if fact.name == follower
    }
    for fact in _log(dump, owner):
        is_excused = category is not None and (fact.record, category) in dump.erased
        if fact.name == name and not is_excused:
            verdict.demand(fact.event_id in followed, f"no {follower} after {name} {fact.event_id}")


def _check_heard(verdict: Verdict, dump: Dump) -> None:
    for owner in dump.services:
        last = _last_versions(_log(dump, owner))
        for service, hears in HEARS.items():
            if owner not in hears or service not in dump.services:
                continue
            heard = dump.services[service].heard.get(f"{owner}.events", {})
            for record, version in last.items():
                at = heard.get(record, 0)
                verdict.demand(at == version, f"{service} heard {record} to {at} of {version}")


def check_views(dump: Dump) -> Verdict:
    """Each record has its one row in each view of its owner, at the record's last version."""
    verdict = Verdict("I1c", "each record has one row in each view, up to date")
    for view, (owner, names) in VIEWS.items():
        wanted = {fact.record for fact in _log(dump, owner) if fact.name in names}
        wanted -= _blanked(dump, view)
        rows = Counter(row.record for row in dump.views.get(view, ()))
        for record in wanted | set(rows):
            count = rows[record]
            verdict.demand(count == (record in wanted), f"{view} has {count} rows of {record}")
    _check_history(verdict, dump)
    return verdict


def _blanked(dump: Dump, view: str) -> set[str]:
    category = EMPTIED.get(view)
    return {record for record, one in dump.erased if one == category}


def _check_history(verdict: Verdict, dump: Dump) -> None:
    rows = Counter((row.record, row.version) for row in dump.views.get("consent_history", ()))
    facts = {
        (fact.record, fact.version)
        for fact in _log(dump, "consent")
        if fact.name == "ConsentChanged"
    }
    for place in facts | set(rows):
        count = rows[place]
        verdict.demand(count == (place in facts), f"consent_history has {count} rows of {place}")


def _log(dump: Dump, service: str) -> Sequence[Fact]:
    return dump.services[service].log if service in dump.services else ()


def _last_versions(log: Iterable[Fact]) -> Mapping[str, int]:
    last: dict[str, int] = defaultdict(int)
    for fact in log:
        last[fact.record] = max(last[fact.record], fact.version)
    return last


def rows_of(dump: Dump, view: str) -> dict[str, Row]:
    """The rows of a view by record."""
    return {row.record: row for row in dump.views.get(view, ())}

"""I3, I4, I5, I15, I17, I18: order, log against topic, offsets, an end of waiting, parking."""

from collections import defaultdict
from collections.abc import Sequence

from tests.storm.conservation import HEARS
from tests.storm.dumps import Dump, Posted
from tests.storm.verdict import Verdict

Sample = tuple[str, str, int, int, int]
"""Service, topic, partition, what Kafka was told, what Postgres had a moment later."""


def check_order(dump: Dump) -> Verdict:
    """A record's versions count from one without a gap, in the log and in its topic."""
    verdict = Verdict("I3", "a record's facts stand in order in log and topic")
    for service, one in dump.services.items():
        versions: dict[str, list[int]] = defaultdict(list)
        for fact in one.log:
            versions[fact.record].append(fact.version)
        for record, found in versions.items():
            whole = found == list(range(1, len(found) + 1))
            verdict.demand(whole, f"{service}: {record} has the versions {found}")
    for (topic, record), found in _first_versions(dump.topics).items():
        verdict.demand(found == sorted(found), f"{topic}: {record} arrives as {found}")
    return verdict


def _first_versions(posted: Sequence[Posted]) -> dict[tuple[str, str], list[int]]:
    """The versions of each record in the order in which they first came, and their partition."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for one in sorted(posted, key=lambda one: (one.topic, one.partition, one.offset)):
        if one.is_garbage or one.event_id is None or one.record is None or one.version is None:
            continue
        if (one.topic, one.event_id) not in seen:
            seen.add((one.topic, one.event_id))
            found[one.topic, one.record].append(one.version)
    return found


def check_topics(dump: Dump) -> Verdict:
    """What was kept is on the topic, and nothing else is but what the storm put there."""
    verdict = Verdict("I4", "log and topic hold the same facts")
    for service, one in dump.services.items():
        kept = {fact.event_id for fact in one.log}
        sent = {
            posted.event_id
            for posted in dump.topics
            if posted.topic == f"{service}.events" and not posted.is_garbage
        }
        verdict.checked += len(kept | sent)
        verdict.violations += [f"{service}: {it} was never sent" for it in sorted(kept - sent)]
        strange = sorted(str(it) for it in sent - kept)
        verdict.violations += [f"{service}: {it} is in no log" for it in strange]
    return verdict


def check_offsets(dump: Dump, samples: Sequence[Sample]) -> Verdict:
    """Kafka was never told more than Postgres had, and at the end everything is taken in."""
    verdict = Verdict("I5", "offsets never run ahead and reach the end")
    for service, topic, partition, told, stored in samples:
        verdict.demand(told <= stored, f"{service} {topic}-{partition}: {told} ahead of {stored}")
    for service, one in dump.services.items():
        for owner in HEARS[service]:
            for (topic, partition), end in dump.ends.items():
                if topic == f"{owner}.events":
                    at = one.offsets.get((topic, partition), 0)
                    verdict.demand(at == end, f"{service} {topic}-{partition}: {at} of {end}")
    return verdict


def check_liveness(dump: Dump, *, drained: bool, waited_seconds: float) -> Verdict:
    """After healing everything that waited is done, in bounded time."""
    verdict = Verdict("I15", f"everything came to an end, {waited_seconds:.0f} s after healing")
    verdict.demand(drained, "something still waited when the time was over")
    nobodys = {(it.topic, it.record) for it in dump.topics if it.is_garbage}
    for service, one in dump.services.items():
        verdict.demand(one.outbox == 0, f"{service}: {one.outbox} facts unsent")
        verdict.demand(one.effects == 0, f"{service}: {one.effects} effects not carried out")
        stuck = set(one.held_back) - nobodys
        verdict.demand(not stuck, f"{service}: held back are {sorted(stuck)}")
    for erasure in dump.erasures:
        verdict.demand(erasure.completed, f"erasure {erasure.erasure} is not completed")
    return verdict


def check_parked(dump: Dump) -> Verdict:
    """Parked is what nobody can read, at every listener, and nothing else."""
    verdict = Verdict("I17", "parked is what the storm spilled, and nothing else")
    garbage = {(it.topic, it.partition, it.offset) for it in dump.topics if it.is_garbage}
    for service, one in dump.services.items():
        topics = {f"{owner}.events" for owner in HEARS[service]}
        wanted = {place for place in garbage if place[0] in topics}
        parked = {(it.topic, it.partition, it.offset): it.reason for it in one.parked}
        verdict.checked += 1 + len(wanted)
        lost = sorted(wanted - set(parked))
        verdict.violations += [f"{service}: {place} was not parked" for place in lost]
        strange = sorted(set(parked) - wanted)
        verdict.violations += [f"{service}: {it} is parked ({parked[it]})" for it in strange]
    return verdict


def check_poison(dump: Dump) -> Verdict:
    """A message that nobody can read holds back its own record, and nothing behind it.

    Shape: looks at every partition on which garbage lies, from the garbage on.
    """
    verdict = Verdict("I18", "a poisoned record stalls itself only")
    verdict.checked += 1
    first: dict[tuple[str, int], int] = {}
    nobodys = {(it.topic, it.record) for it in dump.topics if it.is_garbage and it.record}
    for it in dump.topics:
        if it.is_garbage:
            place = (it.topic, it.partition)
            first[place] = min(first.get(place, it.offset), it.offset)
    behind = [
        it
        for it in dump.topics
        if not it.is_garbage and it.offset > first.get((it.topic, it.partition), it.offset)
    ]
    for service, one in dump.services.items():
        topics = {f"{owner}.events" for owner in HEARS[service]}
        held_back = set(one.held_back)
        for topic, record in nobodys:
            is_stalled = topic not in topics or (topic, record) in held_back
            verdict.demand(is_stalled, f"{service} goes on with the poisoned {record} of {topic}")
        for it in behind:
            if it.topic in topics and it.record is not None and it.version is not None:
                at = one.heard.get(it.topic, {}).get(it.record, 0)
                verdict.demand(at >= it.version, f"{service}: {it.record} waits behind garbage")
    return verdict

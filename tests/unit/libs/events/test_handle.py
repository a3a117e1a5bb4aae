"""Load, decide, seal, append; again when someone was faster."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from opentelemetry.sdk.trace import TracerProvider

from libs.events.catalogue import CATALOGUE
from libs.events.clock import FixedClock
from libs.events.codec import NotSealed, encode_event
from libs.events.decider import Decider
from libs.events.errors import Conflict, Refused
from libs.events.event import Event
from libs.events.handle import TRIES, Desk, Stamp
from libs.events.ids import CountedIds
from libs.events.log import Append
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import NOW, an_answer
from libs.events.testing.memory_log import MemoryLog
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined, QuoteRequested
from tests.contract.examples import example_event
from tests.unit.libs.events.strategies import SECRETS

RECORD = UUID(int=5)


class NotTwice(Refused):
    """The project was started before."""


def _decide(command: str, started: bool) -> tuple[Event, ...]:  # noqa: FBT001 - the state
    if command == "nothing":
        return ()
    if started:
        raise NotTwice
    return (ProjectStarted(),)


DECIDER: Decider[str, bool] = Decider(False, lambda _, __: True, _decide)  # noqa: FBT003 - the state


class Contended(MemoryLog):
    """A log in which someone else is faster a number of times."""

    def __init__(self, times: int) -> None:
        """Be slower `times` times."""
        super().__init__()
        self.times = times
        self.tries = 0

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Refuse at first."""
        self.tries += 1
        if self.tries <= self.times:
            raise Conflict
        return await super().append(append)


def _stamp() -> Stamp:
    return Stamp(Owner.QUOTES, FixedClock(NOW), CountedIds())


async def test_someone_faster_is_met_with_another_try() -> None:
    """A conflict is no answer: the record is loaded and decided again."""
    log = Contended(TRIES - 1)
    assert len(await Desk(log, _stamp()).handle(RECORD, "start", DECIDER)) == 1
    assert log.tries == TRIES


async def test_tries_are_bounded() -> None:
    """Who is always slower is told so, after five tries."""
    log = Contended(100)
    with pytest.raises(Conflict):
        await Desk(log, _stamp()).handle(RECORD, "start", DECIDER)
    assert log.tries == TRIES


async def test_a_refusal_keeps_nothing() -> None:
    """What the rule forbids leaves the record as it was, and is tried once."""
    log = MemoryLog()
    desk = Desk(log, _stamp())
    await desk.handle(RECORD, "start", DECIDER)
    with pytest.raises(NotTwice):
        await desk.handle(RECORD, "start", DECIDER)
    assert len(await log.load(RECORD)) == 1


async def test_nothing_left_to_do_is_no_fact() -> None:
    """A command without consequence leaves the log alone."""
    log = MemoryLog()
    assert await Desk(log, _stamp()).handle(RECORD, "nothing", DECIDER) == ()
    assert log.facts == []


async def test_an_answer_is_kept_without_a_fact() -> None:
    """A request that led to nothing is answered the same when it is repeated."""
    log = MemoryLog()
    await Desk(log, _stamp()).handle(RECORD, "nothing", DECIDER, answer=an_answer())
    assert len(log.answers) == 1


def test_facts_of_one_command_belong_together() -> None:
    """They share a correlation, follow on from the history, and have ids and times handed in."""
    stamp = _stamp()
    before = stamp.record(RECORD, [], [ProjectStarted()])
    facts = stamp.record(RECORD, before, [ProjectStarted(), QuoteDeclined(offer=1)])
    assert [fact.version for fact in facts] == [2, 3]
    assert len({fact.correlation_id for fact in facts}) == 1
    assert len({fact.event_id for fact in facts}) == 2
    assert {fact.recorded_at for fact in facts} == {NOW}


def test_the_order_of_a_record_does_not_ask_the_clock() -> None:
    """P44: a service whose clock is behind still records what follows after what it follows."""
    behind = Stamp(Owner.BILLING, FixedClock(NOW - timedelta(days=30)), CountedIds(50))
    (cause,) = _stamp().record(RECORD, [], [ProjectStarted()])
    (effect,) = behind.record(UUID(int=6), [], [QuoteDeclined(offer=1)], cause=cause)
    assert effect.recorded_at < cause.recorded_at
    assert effect.causation_id == cause.event_id


def test_parts_are_sealed_before_anything_else_sees_them() -> None:
    """D6: a stamped fact holds boxes, and its data is written from them."""
    event = example_event(CATALOGUE["QuoteRequested"])
    with pytest.raises(NotSealed):
        encode_event(event)
    (fact,) = _stamp().record(RECORD, [], [event], secrets=SECRETS)
    assert isinstance(fact.event, QuoteRequested)
    assert fact.event.details.box
    assert "voorbeeld" not in repr(fact)


def test_a_fact_carries_the_trace_it_was_decided_in() -> None:
    """The span that is open goes with the fact; without one, the trace of its cause."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    (cause,) = _stamp().record(RECORD, [], [ProjectStarted()])
    cause = msgspec.structs.replace(cause, traceparent=trace)
    (outside,) = _stamp().record(RECORD, [], [ProjectStarted()], cause=cause)
    with TracerProvider().get_tracer("test").start_as_current_span("decide") as span:
        (inside,) = _stamp().record(RECORD, [], [ProjectStarted()], cause=cause)
    assert outside.traceparent == trace
    assert format(span.get_span_context().span_id, "016x") in str(inside.traceparent)


class Unread(MemoryLog):
    """A log whose reads from outside are counted."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        super().__init__()
        self.reads = 0

    async def load(self, record: UUID) -> list[Recorded]:
        """Count the read."""
        self.reads += 1
        return await super().load(record)

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Read in the log's own name."""
        reads, kept = self.reads, await super().append(append)
        self.reads = reads
        return kept


async def test_the_first_facts_of_a_record_are_kept_without_a_read() -> None:
    """What was named just now has no history to read."""
    log = Unread()
    assert len(await Desk(log, _stamp()).begin(RECORD, "start", DECIDER)) == 1
    assert log.reads == 0


async def test_a_record_that_is_not_new_after_all_is_handled_as_any_other() -> None:
    """Somebody was faster: the decision is made again, on what is there now."""
    desk = Desk(Unread(), _stamp())
    await desk.handle(RECORD, "start", DECIDER)
    with pytest.raises(NotTwice):
        await desk.begin(RECORD, "start", DECIDER)

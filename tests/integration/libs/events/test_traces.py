"""Spans are joined across the bus, and tell nothing of a person."""

import json
from uuid import UUID

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.events.message import to_message
from libs.events.testing.log_conformance import an_append
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.pieces import HEARD_TOPIC, Lying, Service, Topic, lying, until
from tests.integration.libs.events.relaying import relaying
from tests.unit.libs.events.facts import facts_of

CANARY = "noor.canary@voorbeeld.example"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """The spans that the machinery ends while a test runs."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    monkeypatch.setattr("libs.events.telemetry.TRACER", tracer)
    monkeypatch.setattr("libs.events.relay.TRACER", tracer)
    return exporter


def _told(spans: InMemorySpanExporter) -> str:
    return json.dumps([json.loads(span.to_json()) for span in spans.get_finished_spans()])


async def test_p21_no_key_of_a_message_is_in_spans_or_logs(
    hearer: Service, spans: InMemorySpanExporter
) -> None:
    """P21: a person's address as the key of a message shows up in no span and no log line."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    hearer.reacting.faults[UUID(int=1)] = ValueError(CANARY)
    (fact, *_) = facts_of(UUID(int=1), ProjectStarted())
    headers = (("ce_subject", CANARY.encode()), *to_message(fact).headers)
    message = Lying(CANARY.encode(), CANARY.encode(), headers, offset=0)
    with structlog.testing.capture_logs() as logged:
        await hearer.inbox.apply(HEARD_TOPIC, 0, [message, *lying([fact], first=1)])
    assert len(await hearer.parking.list()) == 2
    assert "inbox ProjectStarted" in _told(spans)
    assert CANARY not in _told(spans)
    assert CANARY not in json.dumps(logged, default=str)


async def test_p21_the_relay_tells_numbers_only(
    speaker: Service, bus: Topic, spans: InMemorySpanExporter
) -> None:
    """P21: what the relay tells of a batch is how many it sent; no key and no record."""
    append = an_append()
    await speaker.log.append(append)

    async def is_sent() -> bool:
        return bool(await speaker.value("count_outbox") == 0)

    async with relaying(speaker, bus):
        await until(is_sent)
    assert "relay.batch" in _told(spans)
    assert str(append.record) not in _told(spans)


async def test_a_reaction_goes_on_with_the_trace_of_what_it_heard(
    hearer: Service, spans: InMemorySpanExporter
) -> None:
    """The trace that began at a door is the trace of what other services do about it."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    (fact,) = facts_of(UUID(int=1), ProjectStarted())
    traced = [
        *to_message(fact).headers,
        ("traceparent", f"00-{trace}-00f067aa0ba902b7-01".encode()),
    ]
    message = Lying(to_message(fact).key, b"{}", tuple(traced))
    await hearer.inbox.apply(HEARD_TOPIC, 0, [message])
    (own,) = await hearer.log.load(UUID(int=1))
    (span,) = spans.get_finished_spans()
    assert format(span.context.trace_id, "032x") == trace
    assert own.traceparent is not None
    assert own.traceparent.split("-")[1] == trace

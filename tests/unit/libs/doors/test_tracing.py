"""One span a request, joined to the caller's trace, with nothing of a person in it."""

from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from libs.doors import tracing

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Spans of the doors, kept in memory."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_TRACER", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def only(spans: InMemorySpanExporter) -> ReadableSpan:
    """The one span there is."""
    (span,) = spans.get_finished_spans()
    return span


async def test_span_goes_on_with_the_callers_trace(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    """What the gateway began is one trace with what we do."""
    await client.get("/api/things", headers={"traceparent": PARENT})
    context = only(spans).context
    assert context is not None
    assert format(context.trace_id, "032x") == TRACE


async def test_span_names_the_route_and_holds_nothing_that_was_sent(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    """No path, query, header, address or body: only method, route template and status."""
    headers = {"User-Agent": "CANARY", "X-Forwarded-For": "CANARY"}
    await client.get("/api/things/raised/CANARY", params={"token": "CANARY"}, headers=headers)
    span = only(spans)
    assert span.name == "GET /api/things/raised/{how}"
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/api/things/raised/{how}",
        "http.response.status_code": 500,
    }
    assert span.status.status_code is StatusCode.ERROR
    assert "CANARY" not in span.to_json()


async def test_span_of_an_unknown_address_does_not_repeat_it(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    """An address somebody made up is not a name of ours."""
    await client.get("/CANARY")
    assert only(spans).name == "GET unknown"

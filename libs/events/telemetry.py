"""Span and metric names, and the trace that travels with an event."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

TRACER = trace.get_tracer("flux3d")
_PROPAGATOR = TraceContextTextMapPropagator()

OUTBOX_ROWS = Gauge("flux3d_outbox_rows", "Events kept but not yet sent.")
OUTBOX_AGE_SECONDS = Gauge("flux3d_outbox_age_seconds", "Age of the oldest event not yet sent.")
RELAYED = Counter("flux3d_relayed_events_total", "Events acknowledged by Kafka.")
HEARD = Counter("flux3d_heard_events_total", "Messages taken in, by topic.", ["topic"])
DUPLICATES = Counter("flux3d_duplicate_events_total", "Messages dropped as repeats.", ["topic"])
PARKED = Gauge("flux3d_parked_messages", "Messages set aside, by topic.", ["topic"])
LAG = Gauge("flux3d_inbox_lag_messages", "Messages not yet taken in, by topic.", ["topic"])
REFUSED = Counter("flux3d_refused_reactions_total", "Reactions a rule refused.", ["event"])
EFFECTS_WAITING = Gauge("flux3d_effects_waiting", "Effects still to be carried out.")
EFFECTS_FAILED = Counter("flux3d_effect_failures_total", "Failed tries of effects.", ["effect"])
BATCH_SECONDS = Histogram("flux3d_inbox_batch_seconds", "Time to take in one batch.")


def current_traceparent() -> str | None:
    """The trace of the span that is open, as W3C text; none outside a span.

    Source: W3C Trace Context §3.2.
    """
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def continued_span(name: str, traceparent: str | None, kind: SpanKind) -> Iterator[trace.Span]:
    """A span that goes on with the trace an event brought along."""
    carrier = {"traceparent": traceparent} if traceparent else {}
    context = extract(carrier) if carrier else None
    with TRACER.start_as_current_span(name, context=context, kind=kind) as span:
        yield span

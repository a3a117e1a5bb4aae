"""Traces of a process: sampled, named after the service, sent only where a setting says."""

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from libs.runtime.settings import SharedSettings


def configure_traces(service: str, shared: SharedSettings) -> TracerProvider:
    """Begin traces for this service; without an endpoint they are joined but go nowhere.

    Shape: a trace that came along is followed as its beginner decided.
    """
    sampler = ParentBased(TraceIdRatioBased(shared.trace_sampled_percent / 100))
    resource = Resource({"service.name": f"flux3d-{service}"})
    provider = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
    if shared.otlp_endpoint:
        _export(provider, shared.otlp_endpoint)
    trace.set_tracer_provider(provider)
    return provider


def _export(provider: TracerProvider, endpoint: str) -> None:
    # Heavy, and needed only where an endpoint is set.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))

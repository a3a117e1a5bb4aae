"""Traces are sampled by setting, and go nowhere unless a setting says where."""

import pytest
from opentelemetry import trace

from libs.runtime import telemetry
from libs.runtime.settings import SharedSettings


@pytest.fixture(autouse=True)
def _provider_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process-wide provider can be set only once, so tests leave it alone."""
    monkeypatch.setattr(trace, "set_tracer_provider", lambda _: None)


@pytest.mark.parametrize(("percent", "kept"), [(0, 0), (100, 50)])
def test_traces_are_sampled_by_the_setting(percent: float, kept: int) -> None:
    """None or all, as told; what is not sampled is still a valid trace to travel with."""
    shared = SharedSettings(environment="development", trace_sampled_percent=percent)
    tracer = telemetry.configure_traces("quotes", shared).get_tracer("test")
    contexts = [tracer.start_span("s").get_span_context() for _ in range(50)]
    assert sum(one.trace_flags.sampled for one in contexts) == kept
    assert all(one.is_valid for one in contexts)


def test_traces_name_their_service_and_have_no_exporter_by_default() -> None:
    """Nothing leaves the process unless it is asked for."""
    provider = telemetry.configure_traces("quotes", SharedSettings(environment="development"))
    assert provider.resource.attributes["service.name"] == "flux3d-quotes"
    assert not provider._active_span_processor._span_processors

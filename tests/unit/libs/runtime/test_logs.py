"""A log line holds ids and figures; names, texts of errors and unknown keys do not get in."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider

from libs.runtime.logs import configure_logs


class Lines:
    """What a process logged, as objects."""

    def __init__(self) -> None:
        """Nothing was logged yet."""
        self.stream = io.StringIO()

    def only(self) -> dict[str, object]:
        """The one line that was logged; never with the canary."""
        text = self.stream.getvalue()
        assert "CANARY" not in text
        line: dict[str, object] = json.loads(text)
        return line


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines of a process that was just set up; set back afterwards."""
    root, lines = logging.getLogger(), Lines()
    before = (root.handlers[:], root.level)
    configure_logs("quotes", stream=lines.stream)
    yield lines
    root.handlers, root.level = before
    structlog.reset_defaults()


def test_line_has_time_level_logger_event_and_service(lines: Lines) -> None:
    """Every line can be found again by these."""
    structlog.get_logger("bus").info("batch_taken", record="01", count=3)
    line = lines.only()
    assert line.keys() == {"ts", "level", "logger", "event", "service", "record", "count"}
    assert (line["logger"], line["service"], line["level"]) == ("bus", "quotes", "info")


def test_unknown_keys_and_values_that_are_not_plain_are_dropped_and_counted(lines: Lines) -> None:
    """A key that nobody thought about is where a name would slip in."""
    log = structlog.get_logger("doors")
    log.warning("odd", email="CANARY", name="CANARY", record={"to": "CANARY"}, status=409)
    line = lines.only()
    assert (line["dropped"], line["status"]) == (3, 409)
    assert "record" not in line


def test_error_is_logged_by_kind_and_place(lines: Lines) -> None:
    """The text of an error may quote what a person wrote."""
    try:
        raise ValueError("CANARY")
    except ValueError:
        structlog.get_logger("doors").exception("failed")
    line = lines.only()
    assert line["kind"] == "ValueError"
    assert "test_logs.py" in str(line["place"])


def test_line_of_a_library_passes_the_same_gate(lines: Lines) -> None:
    """Its first line stays, its error goes by kind, its extras go."""
    try:
        raise ValueError("CANARY")
    except ValueError:
        message = "Task failed\nfuture: <Task exception=ValueError('CANARY')>"
        logging.getLogger("asyncio").exception(message, extra={"email": "CANARY"})
    line = lines.only()
    assert (line["event"], line["kind"]) == ("Task failed", "ValueError")


def test_line_inside_a_span_names_its_trace(lines: Lines) -> None:
    """Logs and traces meet by id."""
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")
    with tracer.start_as_current_span("s") as span:
        structlog.get_logger("bus").info("inside")
    assert lines.only()["trace_id"] == format(span.get_span_context().trace_id, "032x")


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    """Debugging is silent unless it is asked for."""
    structlog.get_logger("bus").debug("detail")
    structlog.get_logger("bus").info("shown")
    assert lines.only()["event"] == "shown"

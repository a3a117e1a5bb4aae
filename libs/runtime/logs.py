"""Logs as JSON lines on stdout: ids, names of ours and figures; the rest is dropped."""

import logging
import sys
from typing import Any, TextIO

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor

from libs.doors.last_resort import where

ALLOWED = frozenset(
    {
        *("ts", "level", "logger", "event", "service", "trace_id", "span_id", "dropped"),
        *("record", "event_id", "erasure", "correlation_id", "parked_id", "invoice", "position"),
        *("topic", "partition", "partitions", "offset", "group", "version", "event_type"),
        *("view", "mode", "timer", "effect", "part", "role", "port", "category", "clause", "check"),
        *("reason", "kind", "place", "waiting_for", "detail", "status", "method", "route"),
        *("attempts", "again_seconds", "seconds", "count", "rows", "taken", "records", "due"),
        *("language", "state", "owner", "owners", "epoch", "series", "year"),
    }
)
"""The keys a log line may have; none of them ever holds a person's value."""

TEXT_CHARACTERS_MAX = 300
_PLAIN = (str, int, float, bool, type(None))


def configure_logs(service: str, *, level: str = "info", stream: TextIO | None = None) -> None:
    """Send every log line of this process, ours and the libraries', through the same gate."""
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _add_service(service),
        add_trace,
        place_of_error,
        drop_unknown,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[first_line, *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("aiokafka", "asyncio", "uvicorn.access", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def drop_unknown(_: Any, __: str, line: EventDict) -> EventDict:
    """Keep allowed keys with plain values, and count what was dropped.

    Why: a key that nobody thought about is where a name would slip in.
    """
    kept = {key: value for key, value in line.items() if _may_stay(key, value)}
    dropped = sum(not key.startswith("_") for key in line.keys() - kept.keys())
    if dropped:
        kept["dropped"] = dropped
    return {key: _short(value) for key, value in kept.items()}


def _may_stay(key: str, value: object) -> bool:
    if key in {"_record", "_from_structlog"}:
        return True
    plain = isinstance(value, _PLAIN) or (
        isinstance(value, list | tuple) and all(isinstance(one, _PLAIN) for one in value)
    )
    return key in ALLOWED and plain


def _short(value: Any) -> Any:
    return value[:TEXT_CHARACTERS_MAX] if isinstance(value, str) else value


def first_line(_: Any, __: str, line: EventDict) -> EventDict:
    """Of a library's message keep the first line: what follows may quote values."""
    line["event"] = str(line.get("event", "")).partition("\n")[0]
    return line


def place_of_error(_: Any, __: str, line: EventDict) -> EventDict:
    """An error by its kind and place instead of its text."""
    raised = line.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["kind"] = type(error).__name__
        line["place"] = where(error)
    return line


def add_trace(_: Any, __: str, line: EventDict) -> EventDict:
    """The trace that the line belongs to, when there is one."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = format(context.trace_id, "032x")
        line["span_id"] = format(context.span_id, "016x")
    return line


def _add_service(service: str) -> Processor:
    def add(_: Any, __: str, line: EventDict) -> EventDict:
        line["service"] = service
        return line

    return add

"""The doors of quotes with OpenTelemetry's own instrumentation of FastAPI in place of our spans.

Shape: tuned as its manual says; without spans for what is received and sent.
"""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from fastapi import APIRouter, FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

from libs.doors.app import make_app
from libs.runtime import process
from services.quotes.main import main


def make_stock_traced_app(title: str, routers: Sequence[APIRouter], **options: Any) -> FastAPI:
    """The same doors, traced the stock way."""
    app = make_app(title, routers, **(options | {"is_traced": False}))
    FastAPIInstrumentor.instrument_app(app, exclude_spans=["receive", "send"])
    return app


if __name__ == "__main__":
    with patch.object(process, "make_app", make_stock_traced_app):
        main()

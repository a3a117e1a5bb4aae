"""The web application of a service: its routers behind the same doors, in the same order."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.middleware import Middleware

from libs.doors.body import BodyGate
from libs.doors.documents import DescribedApp
from libs.doors.keys import DoorKeys
from libs.doors.last_resort import LastResort
from libs.doors.problems import STATUS, install_problems
from libs.doors.tracing import RequestSpans
from libs.doors.turns import SameKeyInTurn
from libs.events.errors import Refused


def make_app(
    title: str,
    routers: Sequence[APIRouter],
    *,
    keys: DoorKeys,
    refusals: Mapping[type[Refused], int],
    is_traced: bool = True,
) -> FastAPI:
    """An application that answers with these routers and tells every trouble as a problem.

    Why: FastAPI's own telemetry stays off, because it puts the query string, and with it a
    link's token, into its spans, and exception texts into its logs. The routes stand in one list,
    because a router in a router is asked first whether it has changed, at every request.
    """
    tracing = [Middleware(RequestSpans)] if is_traced else []
    app = DescribedApp(
        title=title,
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[
            *tracing,
            Middleware(LastResort),
            Middleware(BodyGate),
            Middleware(SameKeyInTurn),
        ],
    )
    app.refusal_statuses = {STATUS[Refused], *refusals.values()}
    app.state.door_keys = keys
    install_problems(app, refusals)
    for router in routers:
        app.router.routes.extend(router.routes)
    return app

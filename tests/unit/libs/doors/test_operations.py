"""Doors for machines and operators: alive, ready, counted, parked, rebuilt."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs

from libs.doors.app import make_app
from libs.doors.keys import DoorKeys
from libs.doors.operations import probe_doors
from libs.doors.operator_doors import operator_doors
from libs.events.errors import NotFound
from libs.events.hearing import Reason
from libs.events.hearing_stop import Stop
from libs.events.parking import DroppedView, ParkedView, Retried, RetriedMany
from libs.events.replay_wanted import ReplayProgress, ReplayRefused, Wanted
from tests.unit.libs.doors.conftest import NOW, IssueToken


class Waits(msgspec.Struct):
    """Figures of a service."""

    now: datetime


class Service:
    """A service of which little is there."""

    def __init__(self) -> None:
        """Kafka is away, one message is parked."""
        self.missing = {"kafka": "does not answer"}
        self.dropped: list[tuple[int, str, str]] = []
        self.retried: list[tuple[Reason | None, int, int]] = []
        self.resumed_by: str | None = None

    async def waiting_for(self) -> dict[str, str]:
        """What is missing."""
        return self.missing

    async def list(self, *, after: int = 0, limit: int = 100) -> Sequence[ParkedView]:
        """The one that is parked."""
        return [await self.show(7)][: limit if after < 7 else 0]

    async def show(self, parked_id: int) -> ParkedView:
        """The one that is parked."""
        if parked_id != 7:
            raise NotFound
        return ParkedView(7, "t", 0, 3, None, None, None, "unreadable", "", NOW, NOW, 0)

    async def retry(self, parked_id: int) -> Retried:
        """Nothing changes."""
        return Retried(taken=0, still_parked=parked_id)

    async def drop(self, parked_id: int, *, because: str, by: str) -> Retried:
        """Notes who asked and why."""
        self.dropped.append((parked_id, because, by))
        return Retried(taken=1, still_parked=0)

    async def retry_many(
        self, reason: Reason | None, *, after: int = 0, limit: int = 100
    ) -> RetriedMany:
        """Notes what was asked."""
        self.retried.append((reason, after, limit))
        return RetriedMany(records=1, taken=2, parked_again=3, next=None)

    async def list_drops(self, *, after: int = 0, limit: int = 100) -> Sequence[DroppedView]:
        """The one that was dropped."""
        drop = DroppedView(7, "t", 0, 3, None, None, "unreadable", "junk", "ans", NOW)
        return [drop][: limit if after < 7 else 0]

    async def resume(self, *, by: str) -> Stop:
        """Notes who asked."""
        self.resumed_by = by
        return Stop("t", 60, 100, NOW)

    async def status(self) -> Waits:
        """The hour."""
        return Waits(NOW)


class Rebuilding:
    """Rebuilds views in two steps, and knows one rebuild under way."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.wanted: Wanted | None = None
        self.touched: list[tuple[str, str]] = []

    async def run(self, wanted: Wanted) -> AsyncIterator[ReplayProgress]:
        """Two steps; `gone` is unknown and `torn` breaks between them."""
        self.wanted = wanted
        name = wanted.view
        if name == "gone":
            raise NotFound(name)
        yield _progress(name)
        if name == "torn":
            message = "the topic cannot be read whole"
            raise ReplayRefused(message)
        if name == "broken":
            message = "CANARY"
            raise RuntimeError(message)
        yield ReplayProgress(id="v-1", view=name, mode=wanted.mode, phase="done", switched=True)

    def now(self) -> ReplayProgress | None:
        """The one under way."""
        return _progress("v")

    def pause(self, run_id: str) -> ReplayProgress:
        """Notes that it was asked."""
        return self._touch("pause", run_id)

    def resume(self, run_id: str) -> ReplayProgress:
        """Notes that it was asked."""
        return self._touch("resume", run_id)

    def cancel(self, run_id: str) -> ReplayProgress:
        """Notes that it was asked."""
        return self._touch("cancel", run_id)

    def _touch(self, act: str, run_id: str) -> ReplayProgress:
        if run_id != "v-1":
            raise NotFound
        self.touched.append((act, run_id))
        return _progress("v")


def _progress(view: str) -> ReplayProgress:
    return ReplayProgress(id="v-1", view=view, mode="verify", phase="reading")


@pytest.fixture
def rebuilding() -> Rebuilding:
    """What the doors rebuild with."""
    return Rebuilding()


@pytest.fixture
def service() -> Service:
    """The service behind the doors."""
    return Service()


@pytest.fixture
async def client(
    keys: DoorKeys, service: Service, rebuilding: Rebuilding
) -> AsyncIterator[httpx.AsyncClient]:
    """Calls the doors on the service's own port."""
    routers = [probe_doors(service), operator_doors(service, rebuilding, service)]
    app = make_app("own", routers, keys=keys, refusals={})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://own"
    ) as client:
        yield client


@pytest.fixture
def operator(token_for: IssueToken) -> dict[str, str]:
    """An operator's header."""
    return {"Authorization": f"Bearer {token_for('operator')}"}


async def test_livez_depends_on_nothing_and_readyz_says_what_it_waits_for(
    client: httpx.AsyncClient, service: Service
) -> None:
    """Alive is not ready; not ready names the part."""
    assert (await client.get("/livez")).status_code == 200
    waiting = await client.get("/readyz")
    assert waiting.status_code == 503
    assert waiting.json() == {"ready": False, "waiting_for": {"kafka": "does not answer"}}
    service.missing = {}
    assert (await client.get("/readyz")).json() == {"ready": True, "waiting_for": {}}


async def test_metrics_are_in_prometheus_form(client: httpx.AsyncClient) -> None:
    """Figures with our prefix, for a machine to read."""
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE flux3d_outbox_rows gauge" in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ops/status"),
        ("GET", "/ops/parked"),
        ("GET", "/ops/parked/7"),
        ("POST", "/ops/parked/7/retry"),
        ("POST", "/ops/parked/7/drop"),
        ("GET", "/ops/parked/dropped"),
        ("POST", "/ops/parked/retry"),
        ("POST", "/ops/parked/resume"),
        ("POST", "/ops/replay"),
        ("GET", "/ops/replay"),
        ("POST", "/ops/replay/v-1/pause"),
        ("POST", "/ops/replay/v-1/resume"),
        ("POST", "/ops/replay/v-1/cancel"),
    ],
)
async def test_operator_doors_are_shut_to_all_others(
    client: httpx.AsyncClient, token_for: IssueToken, method: str, path: str
) -> None:
    """No token is 401, another role is 403, before anything is read."""
    staff = {"Authorization": f"Bearer {token_for('staff', 'auditor')}"}
    bodies = {"drop": {"reason": "x"}, "replay": {"view": "v"}, "retry": {}}
    body = bodies.get(path.rsplit("/", 1)[-1]) if method == "POST" else None
    assert (await client.request(method, path)).status_code in {401, 422}
    answer = await client.request(method, path, headers=staff, json=body)
    assert answer.status_code == 403


async def test_parked_messages_are_listed_shown_retried_and_dropped(
    client: httpx.AsyncClient, service: Service, operator: dict[str, str]
) -> None:
    """A drop keeps who did it and why."""
    listed = await client.get("/ops/parked", headers=operator, params={"limit": 1})
    assert (listed.json()["items"][0]["parked_id"], listed.json()["next"]) == (7, 7)
    assert (await client.get("/ops/parked/8", headers=operator)).status_code == 404
    retried = await client.post("/ops/parked/7/retry", headers=operator)
    assert retried.json() == {"taken": 0, "still_parked": 7}
    nameless = await client.post("/ops/parked/7/drop", headers=operator, json={"reason": " "})
    assert nameless.status_code == 422
    await client.post("/ops/parked/7/drop", headers=operator, json={"reason": "a test"})
    assert service.dropped == [(7, "a test", "ans")]
    dropped = (await client.get("/ops/parked/dropped", headers=operator)).json()
    assert [(one["by"], one["because"]) for one in dropped["items"]] == [("ans", "junk")]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("unreadable", Reason.UNREADABLE),
        ("newer-schema", Reason.NEWER_SCHEMA),
        ("held-back", Reason.HELD_BACK),
        ("gap", Reason.GAP),
        ("reaction-failed", Reason.REACTION_FAILED),
        (None, None),
    ],
)
async def test_all_of_a_reason_are_retried(
    client: httpx.AsyncClient,
    service: Service,
    operator: dict[str, str],
    typed: str | None,
    meant: Reason | None,
) -> None:
    """A reason is typed by a short name; without one, all are tried."""
    body = {"reason": typed, "after": 5}
    answer = await client.post("/ops/parked/retry", headers=operator, json=body)
    assert answer.json() == {"records": 1, "taken": 2, "parked_again": 3, "next": None}
    assert service.retried == [(meant, 5, 100)]


async def test_an_unknown_reason_is_refused(
    client: httpx.AsyncClient, service: Service, operator: dict[str, str]
) -> None:
    """Nothing is tried for a reason that no message can have."""
    body = {"reason": "bad luck"}
    answer = await client.post("/ops/parked/retry", headers=operator, json=body)
    assert answer.status_code == 422
    assert service.retried == []


async def test_who_resumed_hearing_is_kept(
    client: httpx.AsyncClient, service: Service, operator: dict[str, str]
) -> None:
    """A resume is made in the operator's name, and tells what had been parked."""
    answer = await client.post("/ops/parked/resume", headers=operator)
    assert answer.json()["parked_messages"] == 60
    assert service.resumed_by == "ans"


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
async def test_a_rebuild_is_held_by_its_id(
    client: httpx.AsyncClient, rebuilding: Rebuilding, operator: dict[str, str], act: str
) -> None:
    """The rebuild under way is named, and only under its name it is touched."""
    under_way = (await client.get("/ops/replay", headers=operator)).json()["under_way"]
    answer = await client.post(f"/ops/replay/{under_way['id']}/{act}", headers=operator)
    assert (answer.status_code, rebuilding.touched) == (200, [(act, "v-1")])
    assert (await client.post(f"/ops/replay/w-1/{act}", headers=operator)).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"record": "no record"},
        {"from_offset": -1},
        {"since": "2026-01-01T00:00:00"},
        {"messages_per_second": 0},
        {"mode": "hope"},
    ],
)
async def test_a_malformed_scope_is_refused(
    client: httpx.AsyncClient,
    rebuilding: Rebuilding,
    operator: dict[str, str],
    wrong: dict[str, object],
) -> None:
    """What has not the form of a record, an offset, an instant or a rate begins nothing."""
    body = {"view": "good", **wrong}
    assert (await client.post("/ops/replay", headers=operator, json=body)).status_code == 422
    assert rebuilding.wanted is None


async def test_replay_streams_a_line_a_step(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    """Progress comes as NDJSON; what cannot begin is a problem, what breaks is a last line."""

    async def lines_of(view: str) -> tuple[int, list[str]]:
        body = {"view": view, "mode": "switch"}
        answer = await client.post("/ops/replay", headers=operator, json=body)
        steps = [msgspec.json.decode(line) for line in answer.text.splitlines()]
        return answer.status_code, [step.get("phase", "") for step in steps]

    assert await lines_of("good") == (200, ["reading", "done"])
    assert await lines_of("torn") == (200, ["reading", "failed"])
    with capture_logs() as logs:
        assert await lines_of("broken") == (200, ["reading", "failed"])
    assert "CANARY" not in str(logs)
    assert (await lines_of("gone"))[0] == 404


async def test_status_is_told_in_figures(
    client: httpx.AsyncClient, operator: dict[str, str]
) -> None:
    """What waits now, as JSON."""
    answer = await client.get("/ops/status", headers=operator)
    assert answer.json() == {"now": "2026-11-23T12:00:00Z"}

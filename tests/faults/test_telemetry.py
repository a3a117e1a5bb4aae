"""What a stack tells about itself, told at its loudest, names nobody."""

import asyncio
import base64
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.native.stack import CHECKOUT, DATABASES, Stack
from deploy.native.supervision import Supervisor
from deploy.native.testing import running_stack
from tests.faults.extent import Extent
from tests.faults.people import ADDRESS, People
from tests.faults.telemetry import Collector, collector, leaks, told
from tests.integration.ops.asking import within

pytestmark = pytest.mark.timeout(900)
LOUD = (
    "alter system set log_statement = 'all'",
    "alter system set log_min_duration_statement = 0",
    "alter system set log_parameter_max_length = -1",
    "alter system set log_parameter_max_length_on_error = -1",
    "alter system set log_min_messages = 'debug1'",
    "select pg_reload_conf()",
)
WORDS = {
    "name": "Wilhelmina Kanarievogel",
    "email": "w.kanarievogel@geheimadres.example",
    "brief": "A music box with a dancing kanarievogel, as my grandmother had one in Veere.",
    "phone": "+31 6 48151623",
    "company": "Kanarievogel Speeldozen",
    "street": "Geheimeweg 1789",
    "vat": "NL004815162B34",
}
HOST = "geheimadres.example"


@pytest.fixture(scope="module")
def traces() -> Iterator[Collector]:
    """Where spans go."""
    with collector() as kept:
        yield kept


@pytest.fixture(scope="module")
def stack(traces: Collector) -> Iterator[Stack]:
    """A whole stack that logs everything and traces every request."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FLUX3D_LOG_LEVEL", "debug")
        environment.setenv("FLUX3D_OTLP_ENDPOINT", traces.url)
        environment.setenv("FLUX3D_TRACE_SAMPLED_PERCENT", "100")
        with running_stack(CHECKOUT / ".local-faults-telemetry", parts="everything") as made:
            asyncio.run(_make_loud(made))
            yield made


async def _make_loud(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.database_url("superuser", DATABASES[0]))
    try:
        for statement in LOUD:
            await connection.execute(statement)
    finally:
        await connection.close()


def asks(people: People) -> str:
    """A request for a price with a word in every field."""
    body = {
        "name": WORDS["name"],
        "email": WORDS["email"],
        "brief": WORDS["brief"],
        "phone": WORDS["phone"],
        "company": WORDS["company"],
        "language": "nl",
        "billing_address": {**ADDRESS, "street": WORDS["street"]},
    }
    answer = people.post("quotes", "/api/quotes", body)
    return str(answer.raise_for_status().json()["id"])


def lives(people: People) -> None:
    """An order with its invoice, a visitor's choice, a rights request, and two erasures."""
    ordered, erased = asks(people), asks(people)
    for record in (ordered, erased):
        within(lambda record=record: "ClockStarted" in people.facts("retention", record))  # type: ignore[misc]  # mypy infers no type for a default
    people.is_offered(ordered)
    people.accepts(ordered).raise_for_status()
    people.post("quotes", f"/api/quotes/{ordered}/project/start").raise_for_status()
    assert people.reads(ordered)
    people.completed(people.erases(erased))
    right = {"right": "erasure", "email": WORDS["email"], "language": "nl"}
    people.post("consent", "/api/rights-requests", right).raise_for_status()
    by_address = {"email": WORDS["email"], "reason": "staff_decision"}
    begun = people.post("retention", "/api/erasures", by_address).raise_for_status()
    people.completed(begun.json()["id"])


def goes_wrong(people: People) -> list[bytes]:
    """The error pages of requests that hold a word where none belongs."""
    name, email = WORDS["name"], WORDS["email"]
    bodies = [{"email": email}, {"name": name, "email": name}, {"nickname": name}, [name], name]
    answers = [people.post("quotes", "/api/quotes", body) for body in bodies]  # type: ignore[arg-type]  # what nobody should send
    answers += [
        people.get("quotes", f"/api/quotes/{name}"),
        people.get("quotes", f"/api/quotes?cursor={email}"),
        people.get("quotes", f"/api/{email}/nothing"),
        people.get("billing", f"/api/invoices/{name}"),
        people.get("consent", f"/api/choices/{email}"),
        people.post("quotes", "/api/quotes", {"email": email}, key=email),
        people.post("consent", "/api/rights-requests", {"right": name, "email": email}),
    ]
    quotes = f"{people.stack.service_url('quotes')}/api/quotes"
    headers = {"Idempotency-Key": str(uuid4()), "Authorization": f"Bearer {email}"}
    answers += [
        httpx.post(quotes, content=f'{{"email": "{email}"'.encode(), headers=headers),
        httpx.get(quotes, headers={"User-Agent": name, "X-Forwarded-For": email}),
    ]
    assert all(400 <= one.status_code < 500 for one in answers), answers
    return [one.content for one in answers]


def fails(people: People) -> bytes:
    """The error page of a request that meets no database."""
    Supervisor(people.stack).stop_one("postgres")
    body = {"name": WORDS["name"], "email": WORDS["email"], "brief": WORDS["brief"]}
    failed = people.post("quotes", "/api/quotes", body)
    Supervisor(people.stack).start_stopped(("postgres",))
    assert failed.status_code == httpx.codes.SERVICE_UNAVAILABLE
    within(lambda: people.get("quotes", "/api/quotes").status_code == httpx.codes.OK)
    return failed.content


def test_f78_nothing_that_is_told_names_anybody(
    extent: Extent, stack: Stack, traces: Collector
) -> None:
    """Logs at debug, every query, every span, metrics and error pages hold no personal value."""
    people, answers = People(stack), list[bytes]()
    for _ in range(extent.of(1, 5)):
        answers += goes_wrong(people)
        lives(people)
        answers.append(fails(people))
    within(lambda: any(b"quotes" in one for one in traces.sent))
    places = told(stack, traces, answers)
    words = [*WORDS.values(), HOST]
    assert leaks(places, words) == []
    planted = {place: content + WORDS["email"].encode() for place, content in places.items()}
    planted["base64"] = base64.b64encode(b"." + WORDS["name"].encode())
    assert {one.partition(":")[0] for one in leaks(planted, words)} == set(planted)
    size = sum(map(len, places.values()))
    assert b"debug" in b"".join(places.values())
    extent.saw(f"{len(places)} places, {size:,} bytes, {len(words)} words: 0; planted: all found")

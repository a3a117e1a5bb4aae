"""What bad input gets, on a whole stack: a clear problem, nothing half done, nothing in a log."""

import json
import re
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from deploy.native.stack import CHECKOUT, SERVICES, Stack
from deploy.native.testing import running_stack
from libs.doors.keys import read_link_secret
from libs.doors.links import Links
from ops.tour.gateway import split_link
from ops.tour.operator_hand import OperatorHand
from ops.tour.telling import wait_for
from tests.journeys import bad_bus, bad_requests
from tests.journeys.bad_fields import BAD, near, with_changes
from tests.journeys.calling import (
    CANARY,
    CHOICE,
    PROBLEM,
    QUOTE,
    RIGHT,
    Anybody,
    Databases,
    Json,
    Request,
    logs_with,
    outside,
    problem,
)

HOME = CHECKOUT / ".local-bad-input"
PORT_BASE = 9280
TROUBLE = ("door_failed", "effect_failed", "reaction_failed", "service_failed", "timer_failed")
# The first test of the file waits for the whole stack.
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Everything, with logs that say as much as they can."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("FLUX3D_LOG_LEVEL", "debug")
        with running_stack(HOME, PORT_BASE, parts="everything") as running:
            yield running


@pytest.fixture(scope="module")
def anybody(stack: Stack) -> Iterator[Anybody]:
    """Calls the gateway."""
    with closing(Anybody(stack)) as caller:
        yield caller


@pytest.fixture(scope="module")
def databases(stack: Stack) -> Iterator[Databases]:
    """Reads what was kept."""
    with closing(Databases(stack)) as reader:
        yield reader


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [pytest.param(path, good, bad, id=f"{path} {name}") for path, good, name, bad in BAD],
)
def test_bad_field_is_named(
    anybody: Anybody, databases: Databases, path: str, good: Json, bad: tuple[Json, str]
) -> None:
    """A field that is not as it should be is named and not repeated, and nothing is kept."""
    change, pointer = bad
    with databases.nothing_done():
        problem(anybody.post(path, with_changes(good, change)), 422, pointer)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valid_until_on", "2027-02-30"),
        ("valid_until_on", "9999-12-31"),
        ("valid_until_on", "0001-01-01"),
        ("amount", {"amount": "0.001"}),
        ("amount", {"amount": "0.00"}),
    ],
)
def test_bad_offer_is_refused(
    anybody: Anybody, databases: Databases, field: str, value: object
) -> None:
    """No offer is made of a price or a day that nobody could mean."""
    quote = anybody.requested()
    with databases.nothing_done():
        answer = anybody.post(
            f"/api/quotes/{quote}/offer", {**bad_requests.OFFER, field: value}, role="staff"
        )
        assert answer.status_code == 422
        assert answer.json()["status"] == 422


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"name": "' + CANARY.encode(),
        b"\xff\xfe\xfd",
        b'{"name": "\xff"}',
        b"[" * 200_000,
        b'{"budget": ' + b"9" * 5_000 + b"}",
    ],
    ids=["cut", "cut in text", "no text", "half text", "too deep", "endless number"],
)
@pytest.mark.parametrize("path", ["/api/quotes", "/api/choices", "/api/rights-requests"])
def test_malformed_json_is_400(
    anybody: Anybody, databases: Databases, path: str, content: bytes
) -> None:
    """A body that is no JSON is told so."""
    with databases.nothing_done():
        document = problem(anybody.send(Request(path=path, content=content)), 400)
    assert document["detail"] == "the body is not JSON"


@pytest.mark.parametrize(("request_", "status", "pointers"), bad_requests.NO_DOOR)
def test_request_that_no_door_takes(
    anybody: Anybody, databases: Databases, request_: Request, status: int, pointers: list[str]
) -> None:
    """Length, kind, key, method and cursor are refused before anything is done."""
    with databases.nothing_done():
        problem(anybody.send(request_), status, *pointers)


def test_refused_method_is_told_the_right_ones(anybody: Anybody) -> None:
    """An address that several routers share names the methods of all of them."""
    assert anybody.send(Request(method="DELETE")).headers["allow"] == "GET, POST"


def test_header_too_large_is_431(anybody: Anybody, databases: Databases) -> None:
    """The gateway itself ends a request whose headers have no end; nothing behind it hears it."""
    with databases.nothing_done():
        answer = anybody.send(Request(body=QUOTE, headers={"X-Long": CANARY * 4_000}))
    assert answer.status_code == 431


@pytest.mark.parametrize(
    "target",
    bad_requests.TRAVERSALS,
)
def test_path_traversal_leads_nowhere(anybody: Anybody, target: str) -> None:
    """Dots and slashes, written out or escaped, reach no door that the gateway does not name."""
    request = Request(method="GET", path="/", target=target.encode(), role="operator")
    problem(anybody.send(request), 404)


@pytest.mark.parametrize(
    ("path", "role", "status", "pointers"),
    bad_requests.BAD_ADDRESSES,
)
def test_bad_address_is_named(
    anybody: Anybody, path: str, role: str | None, status: int, pointers: list[str]
) -> None:
    """What is wrong in a path or query is named like a field."""
    problem(anybody.get(path, role=role), status, *pointers)


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "9999-12-31"])
def test_ends_of_the_calendar_are_days_too(anybody: Anybody, day: str) -> None:
    """A day that exists is answered, however far away."""
    assert anybody.get(f"/api/due?before={day}", role="staff").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "שרה בת־אברהם",
        "محمد بن عبد الله",
        "Q\u0303ue\u0301ntin Z\u0308\u0323o",
        "देवनागरी नाम",
        "渡辺 さくら 👩🏽\u200d🚀",
        "Nguye\u0302\u0303n",
    ],
)
def test_any_script_comes_back_as_it_was(anybody: Anybody, name: str) -> None:
    """Right-to-left letters and combining marks are text like any other, in NFC."""
    sent = {"name": f"{name} {CANARY}", "brief": f"{name}\n\t{CANARY}"}
    details = anybody.get(f"/api/quotes/{anybody.requested(**sent)}", role="staff").json()[
        "details"
    ]
    assert {key: details[key] for key in sent} == {
        key: unicodedata.normalize("NFC", text) for key, text in sent.items()
    }


def test_unicode_domain_is_taken(anybody: Anybody) -> None:
    """An address under a Unicode domain is written to under its ASCII name."""
    quote = anybody.requested(email=f"kiri@bücher-{CANARY}.example")
    details = anybody.get(f"/api/quotes/{quote}", role="staff").json()["details"]
    assert re.fullmatch(rf"kiri@xn--bcher-{CANARY}-\w+\.example", details["email"])


def test_repeated_key(anybody: Anybody, databases: Databases) -> None:
    """The same request again gets the same bytes; another one under its key is refused."""
    headers = {"Idempotency-Key": f"{CANARY}-{uuid4()}"}
    first = anybody.send(Request(body=QUOTE, headers=headers))
    assert first.status_code == 201
    with databases.nothing_done():
        again = anybody.send(Request(body=QUOTE, headers=headers))
        other = anybody.send(Request(body={**QUOTE, "language": "nl"}, headers=headers))
        problem(other, 422, "/header/idempotency-key")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    ("path", "body", "owner"),
    [
        ("/api/quotes", QUOTE, "quotes"),
        ("/api/rights-requests", RIGHT, "consent"),
        ("/api/choices", {**CHOICE, "visitor": str(uuid4())}, "consent"),
    ],
)
def test_repeats_at_once_have_one_effect(
    anybody: Anybody, databases: Databases, path: str, body: Json, owner: str
) -> None:
    """Thirty-two at once under one key: one fact, one record with keys, one answer."""
    request = Request(path=path, body=body, headers={"Idempotency-Key": str(uuid4())})
    before = databases.begun()
    with ThreadPoolExecutor(32) as callers:
        answers = list(callers.map(anybody.send, [request] * 32))
    assert len({(one.status_code, one.content) for one in answers}) == 1
    assert answers[0].is_success
    after = databases.begun()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        owner: 1,
        "keyring": 1,
    }


def test_links_that_allow_nothing(anybody: Anybody, databases: Databases) -> None:
    """A link that is forged, over, changed, of another quote or for another use is refused."""
    quote, token = anybody.offered()
    other, others_token = anybody.offered()
    record, now = UUID(quote), anybody.clock.now()
    ours = Links(read_link_secret(anybody.stack.secrets, "quotes"))
    consents = Links(read_link_secret(anybody.stack.secrets, "consent"))
    later = now + timedelta(days=1)
    head, _, signature = token.split(".")
    refused = {
        "": 401,
        CANARY: 401,
        ".".join([head, others_token.split(".")[1], signature]): 401,
        consents.sign("offer", record, expires_at=later, nonce="1"): 401,
        ours.sign("offer", record, expires_at=now - timedelta(seconds=1), nonce="1"): 403,
        ours.sign("status", record, expires_at=later): 403,
        others_token: 403,
        anybody.token("staff"): 401,
    }
    with databases.nothing_done():
        for bad, status in refused.items():
            for door in ("acceptance", "refusal"):
                problem(anybody.post(f"/api/quotes/{quote}/{door}?token={bad}"), status)
            bearer = {"Authorization": f"Bearer {bad}"} if bad else {}
            path = f"/api/quotes/{quote}/acceptance"
            problem(anybody.send(Request(path=path, headers=bearer)), status)
        problem(anybody.get(f"/api/quotes/{other}?token={token}"), 403)
    superseded = ours.sign("offer", record, expires_at=later, nonce="0")
    problem(anybody.post(f"/api/quotes/{quote}/refusal?token={superseded}"), 409)


def test_used_link_is_used_up(anybody: Anybody, databases: Databases) -> None:
    """An offer is answered once, and a rights request confirmed once."""
    quote, token = anybody.offered()
    assert anybody.post(f"/api/quotes/{quote}/acceptance?token={token}").status_code == 200
    with databases.nothing_done():
        problem(anybody.post(f"/api/quotes/{quote}/acceptance?token={token}"), 409)
        problem(anybody.post(f"/api/quotes/{quote}/refusal?token={token}"), 409)
    email = f"{uuid4().hex}@{CANARY}.example"
    asked = anybody.post("/api/rights-requests", {"right": "erasure", "email": email}).json()
    path, confirmation = anybody.letter_link(f"{asked['id']}/confirmation")
    assert anybody.post(f"{path}?token={confirmation}").status_code == 202
    with databases.nothing_done():
        problem(anybody.post(f"{path}?token={confirmation}"), 409)
        problem(anybody.post(f"{path}?token={split_link(asked['status_url'])[1]}"), 403)


def test_delivery_before_its_order_is_refused(anybody: Anybody, databases: Databases) -> None:
    """A day of delivery on which nobody had ordered yet never becomes an invoice's."""
    quote, token = anybody.offered()
    anybody.post(f"/api/quotes/{quote}/acceptance?token={token}")
    assert anybody.post(f"/api/quotes/{quote}/project/start", role="staff").status_code == 200
    with databases.nothing_done():
        for day in ("0001-01-01", "2012-09-30", "9999-12-31"):
            body = {"delivered_on": day}
            done = anybody.post(f"/api/quotes/{quote}/project/completion", body, role="staff")
            problem(done, 422, "/delivered_on")


@pytest.mark.parametrize(("method", "path", "wrong"), bad_requests.INSIDE)
def test_only_the_right_role_comes_in(
    anybody: Anybody, databases: Databases, method: str, path: str, wrong: str
) -> None:
    """No token, a forged, changed or expired one is 401; a good one of another role is 403."""
    good = anybody.token(wrong)
    head, body, _ = good.split(".")
    bad = [None, CANARY, f"{head}.{body}.{'A' * 86}", anybody.token(wrong, ago=timedelta(hours=2))]
    content = {"canary": CANARY} if method == "POST" else None
    with databases.nothing_done():
        for token, status in [*((one, 401) for one in bad), (good, 403)]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = anybody.send(Request(method=method, path=path, body=content, headers=headers))
            problem(answer, status)
            assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    ("path", "role", "body"),
    bad_requests.UNKNOWN_IDS,
)
def test_unknown_id_is_404(
    anybody: Anybody, databases: Databases, path: str, role: str | None, body: Json | None
) -> None:
    """What was never there is not found, and is not begun by asking."""
    method = "GET" if body is None else "POST"
    with databases.nothing_done():
        problem(anybody.send(Request(method=method, path=path, role=role, body=body)), 404)


def test_rights_requests_tell_nobody_who_is_known(anybody: Anybody) -> None:
    """Known or unknown, the answer has the same status, headers, fields and size."""
    known, unknown = f"{uuid4().hex}@{CANARY}.example", f"{uuid4().hex}@{CANARY}.example"
    anybody.requested(email=known)
    seen = []
    for email in (known, unknown):
        answer = anybody.post("/api/rights-requests", {"right": "erasure", "email": email})
        status_path = answer.json()["status_url"].removeprefix(anybody.stack.gateway_url)
        seen.append([outside(answer), outside(anybody.get(status_path))])
    assert seen[0] == seen[1]


def test_unreadable_messages_are_parked_and_the_next_goes_on(
    anybody: Anybody, databases: Databases
) -> None:
    """Garbage and a fact of the future hold up nobody else; an operator drops them by name."""
    sent = databases.run(bad_bus.spoil(anybody.stack, "quotes.events"))
    quote = anybody.requested()
    wait_for(lambda: "ClockStarted" in databases.names("retention", quote), "a clock")
    waiting = "select count(*) from parked where topic = 'quotes.events'"
    wait_for(lambda: databases.value("retention", waiting) == sent, "all that was sent")
    hand = OperatorHand(anybody.stack)
    parked = hand.run("parked", "list", "retention")["items"]
    assert all("unreadable" in one["reason"] or "newer" in one["reason"] for one in parked)
    assert CANARY not in json.dumps(parked)
    dropped = [
        next(one["parked_id"] for one in parked if (one["record"] is None) == is_garbage)
        for is_garbage in (True, False)
    ]
    for number in dropped:
        words = (str(number), "--reason", "a test made it", "--yes")
        hand.run("parked", "drop", "retention", *words)
    assert databases.value("retention", waiting) == sent - len(dropped)
    noted = "select array_agg(parked_id) from parked_drop where dropped_because = 'a test made it'"
    assert sorted(databases.value("retention", noted)) == sorted(dropped)


@pytest.mark.parametrize("path", bad_requests.DOORS)
@given(data=some.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_body_breaks_a_door(anybody: Anybody, path: str, data: some.DataObject) -> None:
    """Whatever comes in, a door answers, and with a problem where it does not take it."""
    role, good = bad_requests.DOORS[path]
    links = Links(read_link_secret(anybody.stack.secrets, "quotes"))
    later = anybody.clock.now() + timedelta(days=1)
    token = links.sign("offer", UUID(bad_requests.UNKNOWN), expires_at=later, nonce="1")
    body = data.draw(near(good))
    target = f"{path}?token={token}" if "acceptance" in path else path
    answer = anybody.post(target, body, role=role)
    assert answer.status_code < 500
    if answer.is_error:
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["status"] == answer.status_code


def test_logs_hold_nothing_of_anybody(anybody: Anybody) -> None:
    """Not at debug level either: no log has a canary of this file, and none tells of a break."""
    fields = dict.fromkeys(("name", "email", "phone", "company", "brief"), f"{CANARY}\0")
    anybody.post("/api/quotes", QUOTE | fields)
    anybody.get(f"/api/quotes/{CANARY}")
    mark = str(uuid4())
    anybody.get(f"/api/quotes/{mark}?email={CANARY}")
    logs = anybody.stack.logs
    wait_for(lambda: logs_with(anybody.stack, mark), "the last request in a log")
    assert logs_with(anybody.stack, CANARY) == []
    services = "".join((logs / f"{name}.log").read_text() for name in SERVICES)
    assert [one for one in TROUBLE if one in services] == []

"""The doors of a whole stack as strangers try them: fuzzed, used after an erasure, compared."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.native.stack import CHECKOUT, SERVICES, Stack
from deploy.native.testing import running_stack
from libs.doors.keys import read_link_secret
from libs.doors.links import Links
from libs.policy.calendar import local_date
from ops.tour.operator_hand import OperatorHand
from tests.doors.fuzzing import fuzz
from tests.doors.known import Known, make_known
from tests.journeys.calling import CANARY, QUOTE, Anybody, Request, logs_with

HOME = CHECKOUT / ".local-doors"
CASES_MIN = {"quotes": 600, "consent": 250, "retention": 250, "billing": 120}
WRITES = {
    "quotes": ("POST /api/quotes", "POST /api/quotes/{quote}/offer"),
    "consent": ("POST /api/choices", "POST /api/rights-requests"),
    "retention": ("POST /api/erasures", "POST /api/sweep"),
}
"""Doors that must have let something in, else nothing behind them was tried."""

CLOSED = {401, 403, 404, 409, 410, 422}
# The first test of the file waits for the whole stack.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Everything."""
    with running_stack(HOME, parts="everything") as running:
        yield running


@pytest.fixture(scope="module")
def anybody(stack: Stack) -> Iterator[Anybody]:
    """Calls the gateway."""
    with closing(Anybody(stack)) as caller:
        yield caller


@pytest.fixture(scope="module")
def known(anybody: Anybody) -> Known:
    """One of everything is kept, and one record was erased."""
    return make_known(anybody)


@pytest.mark.parametrize("service", SERVICES)
def test_every_door_is_as_its_document_says(
    anybody: Anybody, known: Known, service: str, tmp_path: Path
) -> None:
    """Whatever comes, no 5xx, no undocumented answer, nothing bad taken, nobody let in unasked."""
    fuzzed = fuzz(anybody, service, known, tmp_path)
    assert not fuzzed.failed, fuzzed.printed
    operations = fuzzed.report["operations"]
    assert operations["tested"] == operations["total"] > 0
    assert fuzzed.cases >= CASES_MIN[service]
    assert all(fuzzed.taken(operation) > 0 for operation in WRITES.get(service, ()))


def test_nothing_of_an_erased_record_comes_out_of_any_door(anybody: Anybody, known: Known) -> None:
    """Every door that takes an id is tried with an erased one: nothing is shown, nothing begun."""
    tried = 0
    for service in SERVICES:
        document = httpx.get(f"{anybody.stack.service_url(service)}/openapi.json").json()
        for path, operations in document["paths"].items():
            for method in operations.keys() if "{" in path else ():
                answer = _try(anybody, method.upper(), path, known.erased)
                assert CANARY not in answer.text, f"{method} {path}"
                may_look = method == "get" and answer.status_code == 200
                assert may_look or answer.status_code in CLOSED, f"{method} {path}: {answer.text}"
                tried += 1
    assert tried > 10
    shown = anybody.get(f"/api/quotes/{known.erased}", role="staff").json()
    assert (shown["erased"], shown["details"]) == (True, None)


def _try(anybody: Anybody, method: str, path: str, record: str) -> httpx.Response:
    """Ask with all that the door wants: the role or the link, and a body that is in order."""
    links = Links(read_link_secret(anybody.stack.secrets, "quotes"))
    later = anybody.clock.now() + timedelta(days=1)
    token = links.sign("offer", UUID(record), expires_at=later, nonce="1")
    by_link = path.endswith(("/acceptance", "/refusal", "/confirmation"))
    headers = {"Authorization": f"Bearer {token}"} if by_link else {}
    bodies = {
        "offer": {"amount": {"amount": "100.00"}, "valid_until_on": str(local_date(later))},
        "completion": {"delivered_on": str(local_date(later))},
        "acceptance": {"party": {"name": QUOTE["name"]}},
    }
    return anybody.send(
        Request(
            method=method,
            path=path.partition("{")[0] + record + path.partition("}")[2],
            role=None if by_link else "staff",
            headers=headers,
            body=bodies.get(path.rpartition("/")[2], {}) if method == "POST" else None,
        )
    )


def test_tokens_go_over_to_a_new_key_while_the_doors_are_open(anybody: Anybody) -> None:
    """Old and new hold at once until the old are all ended; nothing is restarted."""
    first = anybody.token("staff")
    _rotate(anybody, "tokens", "--hours", "1")
    second = anybody.token("staff")
    assert [_lists_quotes(anybody, one) for one in (first, second)] == [200, 200]
    _rotate(anybody, "tokens", "--hours", "0")
    third = anybody.token("staff")
    assert [_lists_quotes(anybody, one) for one in (first, second, third)] == [401, 401, 200]


def test_links_go_over_to_a_new_secret_and_repeats_are_still_known(anybody: Anybody) -> None:
    """A mailed link holds for the stated time, and a repeated request finds its first answer."""
    asking = Request(body=QUOTE, headers={"Idempotency-Key": str(uuid4())})
    answers = [anybody.send(asking)]
    _rotate(anybody, "links", "--days", "1")
    answers.append(anybody.send(asking))
    assert answers[0].content == answers[1].content
    old = answers[0].json()["status_url"]
    new = anybody.post("/api/quotes", QUOTE).json()["status_url"]
    assert [_looks(anybody, one) for one in (old, new)] == [200, 200]
    _rotate(anybody, "links", "--days", "0")
    newest = anybody.post("/api/quotes", QUOTE).json()["status_url"]
    assert [_looks(anybody, one) for one in (old, new, newest)] == [401, 401, 200]


def _rotate(anybody: Anybody, *words: str) -> None:
    assert OperatorHand(anybody.stack).run("rotate", *words)["old_until"]


def _lists_quotes(anybody: Anybody, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return anybody.send(Request(method="GET", headers=headers)).status_code


def _looks(anybody: Anybody, url: str) -> int:
    return anybody.get(url.removeprefix(anybody.stack.gateway_url)).status_code


def test_no_stranger_gets_into_a_log(anybody: Anybody, known: Known) -> None:
    """After all that was tried, no log holds what people wrote of themselves."""
    assert known.erased
    assert logs_with(anybody.stack, CANARY) == []

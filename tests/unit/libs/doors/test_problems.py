"""Every trouble is a problem document that names the field and never repeats a value."""

import httpx
import pytest
from structlog.testing import capture_logs

from tests.unit.libs.doors.conftest import IssueToken, thing

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def headers(token_for: IssueToken) -> dict[str, str]:
    """A write that may be done."""
    return {"Authorization": f"Bearer {token_for('staff')}", "Idempotency-Key": "0123456789"}


@pytest.mark.parametrize(
    ("how", "status", "name"),
    [
        ("gone", 410, "thing-is-gone"),
        ("missing", 404, "not-found"),
        ("conflict", 409, "conflict"),
        ("away", 503, "unavailable"),
        ("outage", 503, "unavailable"),
        ("broken", 500, "internal-error"),
    ],
)
async def test_error_is_told_by_what_the_caller_should_do(
    client: httpx.AsyncClient, how: str, status: int, name: str
) -> None:
    """Each kind of error has its status, a stable type and no content of ours."""
    with capture_logs() as logs:
        answer = await client.get(f"/api/things/raised/{how}")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{name}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "canary" not in answer.text + str(logs)
    assert "10.0.0.7" not in answer.text


async def test_refusal_of_a_service_has_its_title_and_ids(client: httpx.AsyncClient) -> None:
    """The class says the title, the text says which thing."""
    answer = await client.get("/api/things/raised/gone")
    assert answer.json()["title"] == "The thing is gone."
    assert answer.json()["detail"] == "thing 7 is gone"


async def test_unforeseen_error_is_logged_by_kind_and_place_only(client: httpx.AsyncClient) -> None:
    """The text of an error nobody foresaw may hold a person, so it goes nowhere."""
    with capture_logs() as logs:
        await client.get("/api/things/raised/broken")
    (line,) = [one for one in logs if one["event"] == "door_failed"]
    assert line["kind"] == "RuntimeError"
    assert "conftest.py" in line["place"][-1]


async def test_invalid_fields_are_named_by_pointer_and_never_repeated(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """All wrong fields at once, each with what is wanted of it."""
    wrong = thing(
        name="CANARY\x00",
        email="CANARY <canary@example.org>",
        price={"amount": "1.005 CANARY", "currency": "CANARY"},
        wanted_on="2026-02-30",
        is_urgent="CANARY",
        vat_number="CANARY",
    )
    wrong["odd/~key"] = "CANARY"
    answer = await client.post("/api/things/x", json=wrong, headers=headers)
    found = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert found.keys() == {
        *("/path/number", "/name", "/email", "/price/amount", "/price/currency"),
        *("/wanted_on", "/is_urgent", "/vat_number", "/odd~1~0key"),
    }
    assert found["/wanted_on"] == "must be a date that exists, as YYYY-MM-DD"
    assert "CANARY" not in answer.text.upper().replace("ODD", "")


async def test_missing_fields_are_named(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """What is required is said to be."""
    answer = await client.post("/api/things/1", json={}, headers=headers)
    assert {"pointer": "/name", "detail": "is required"} in answer.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": ',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"name": "x"} trailing',
        b'{"copies": ' + b"9" * 5000 + b"}",
    ],
)
async def test_malformed_json_is_400(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    """What is no JSON, or is made to exhaust the reader, is refused as malformed."""
    answer = await client.post("/api/things/1", content=body, headers={**headers, **JSON})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-request")


@pytest.mark.parametrize(
    "body", [b'"text"', b"[]", b"null", b"7", b'{"\\ud800": 1, "name": "\\ud800"}']
)
async def test_json_of_another_shape_is_422(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    """Good JSON that is no such request, half characters included, is told as fields."""
    answer = await client.post("/api/things/1", content=body, headers={**headers, **JSON})
    assert answer.status_code == 422


async def test_last_of_a_repeated_member_counts(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """A member that stands twice in an object is read as its last."""
    body = httpx.Request("POST", "http://x", json=thing()).content[:-1] + b', "name": "Last"}'
    answer = await client.post("/api/things/1", content=body, headers={**headers, **JSON})
    assert answer.json()["thing"]["name"] == "Last"


async def test_unknown_address_and_method_are_problems(client: httpx.AsyncClient) -> None:
    """The framework's own answers speak the same language."""
    nowhere = await client.get("/nowhere")
    wrong = await client.delete("/api/things")
    assert nowhere.json()["type"] == "/problems/not-found"
    assert (wrong.status_code, wrong.json()["type"]) == (405, "/problems/method-not-allowed")
    assert wrong.headers["allow"] == "GET"


async def test_openapi_declares_problems_and_no_pages_of_documentation(
    client: httpx.AsyncClient,
) -> None:
    """Machines learn the shape of a refusal; there is no page that fetches scripts."""
    described = (await client.get("/openapi.json")).json()
    answers = described["paths"]["/api/things/{number}"]["post"]["responses"]
    assert "application/problem+json" in answers["422"]["content"]
    assert (await client.get("/docs")).status_code == 404


async def test_openapi_tells_every_status_of_a_write(client: httpx.AsyncClient) -> None:
    """What a door can answer is told by status, the service's own refusals among it."""
    described = (await client.get("/openapi.json")).json()
    write = described["paths"]["/api/things/{number}"]["post"]
    told = {"201", "400", "401", "403", "409", "410", "413", "415", "422", "429", "500", "503"}
    assert set(write["responses"]) == told
    assert "Retry-After" in write["responses"]["503"]["headers"]
    read = described["paths"]["/api/things/mine"]["get"]
    assert set(read["responses"]) == {"200", "401", "403", "500", "503"}
    assert described["components"]["schemas"].keys() >= {"Problem", "FieldProblem"}


async def test_openapi_says_that_a_write_needs_its_key(client: httpx.AsyncClient) -> None:
    """The header is required, in the form that the door wants."""
    described = (await client.get("/openapi.json")).json()
    parameters = described["paths"]["/api/things/{number}"]["post"]["parameters"]
    key = next(one for one in parameters if one["name"] == "Idempotency-Key")
    assert key["required"]
    assert key["schema"]["pattern"] == "^[!-~]{8,128}$"


async def test_refusal_of_a_field_points_at_it(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """A rule that blames one field names it like a validation would."""
    del headers["Idempotency-Key"]
    answer = await client.post("/api/things/7", json=thing(), headers=headers)
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/header/idempotency-key"]

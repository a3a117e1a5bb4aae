"""One app with doors of every kind, a clock that stands still, and tokens signed for it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, Depends, FastAPI

from libs.doors.app import make_app
from libs.doors.caller import Caller, link_token, needs, optional_caller
from libs.doors.fields import (
    DateIn,
    Email,
    LongText,
    MoneyIn,
    PersonName,
    Strict,
    VatNumber,
)
from libs.doors.idempotency import Asked, asked_once
from libs.doors.keys import DoorKeys
from libs.doors.paging import PageAsked
from libs.doors.tokens import TokenVerifier, issue_token
from libs.events.clock import FixedClock
from libs.events.errors import Conflict, NotFound, Refused, Unavailable

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = bytes(range(32))
IssueToken = Callable[..., str]


class ThingIsGone(Refused):
    """A refusal of a service, told with a status of its own."""

    title = "The thing is gone."


class ThingIn(Strict):
    """A request with a field of each kind."""

    name: PersonName
    email: Email
    brief: Annotated[str, LongText(100)]
    price: MoneyIn
    wanted_on: DateIn
    is_urgent: bool
    copies: int = 1
    vat_number: VatNumber | None = None


RAISED: dict[str, Callable[[], Exception]] = {
    "gone": lambda: ThingIsGone("thing 7 is gone"),
    "missing": lambda: NotFound("thing 7"),
    "conflict": lambda: Conflict("thing 7 moved"),
    "away": lambda: Unavailable("postgres at 10.0.0.7 is away"),
    "outage": lambda: ConnectionResetError("jan@canary.example"),
    "broken": lambda: RuntimeError("jan@canary.example"),
}


class AnswersNobodyGave:
    """A pool that knows no earlier answer."""

    async def fetchrow(self, *_: object) -> None:
        """No row."""


def make_router() -> APIRouter:
    """Doors that read, write, list and fail."""
    router = APIRouter(prefix="/api/things")

    @router.post("/{number}", status_code=201)
    async def write(
        number: int,
        thing: ThingIn,
        caller: Annotated[Caller, Depends(needs("staff"))],
        asked: Annotated[Asked, Depends(asked_once)],
    ) -> dict[str, Any]:
        body = {"number": number, "by": caller.name, "scope": asked.scope}
        return {**body, "thing": thing.model_dump(mode="json")}

    @router.get("")
    async def page(page: PageAsked) -> Any:
        return page.answer([{"at": page.after}], next_after=["2026-01-01", 7])

    @router.get("/raised/{how}")
    async def raised(how: str) -> None:
        error = RAISED[how]()
        raise error

    @router.get("/mine")
    async def mine(
        caller: Annotated[Caller | None, Depends(optional_caller)],
        token: Annotated[str | None, Depends(link_token)],
    ) -> dict[str, Any]:
        return {"caller": caller.name if caller else None, "link": token}

    return router


@pytest.fixture(scope="session")
def private_pem() -> bytes:
    """The key that signs tokens."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="session")
def verifier(private_pem: bytes) -> TokenVerifier:
    """Trusts what the key signed."""
    key = serialization.load_pem_private_key(private_pem, password=None)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return TokenVerifier(public)


@pytest.fixture
def token_for(private_pem: bytes) -> IssueToken:
    """Issues a token for a role, now."""

    def issue(*roles: str, now: datetime = NOW) -> str:
        return issue_token(private_pem, name="ans", roles=roles, now=now)

    return issue


@pytest.fixture
def keys(verifier: TokenVerifier) -> DoorKeys:
    """The keys of the app's doors."""
    pool: Any = AnswersNobodyGave()
    return DoorKeys(clock=FixedClock(NOW), tokens=verifier, pool=pool, secret=SECRET)


@pytest.fixture
def app(keys: DoorKeys) -> FastAPI:
    """The app with the doors of this file."""
    return make_app("things", [make_router()], keys=keys, refusals={ThingIsGone: 410})


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Calls the app without a network."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://things") as client:
        yield client


def thing(**changed: object) -> dict[str, object]:
    """A request that is in order, but for what is changed."""
    return {
        "name": "Zoë Ångström",
        "email": "zoe@bücher.example",
        "brief": "een kast\r\nvan eik",
        "price": {"amount": "1234.5"},
        "wanted_on": "2028-02-29",
        "is_urgent": True,
        **changed,
    }

"""What people, staff and timers do, each as one piece of work on the real handlers."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec

from libs.events.log import Answer, Checkpoint
from libs.events.values import Money, Owner
from libs.events.view import Key, fold_rows
from libs.policy.calendar import local_date
from services.consent.app import abandoned as consent_abandoned
from services.consent.app import handlers as consent
from services.consent.domain.choices import Answers, Choose, Source
from services.consent.domain.rights_request import Right
from services.quotes.app import handlers as quotes
from services.quotes.app.abandoned import take_back_abandoned_holds, unused_keys
from services.quotes.domain.billing_party import PartyGiven
from services.quotes.domain.quote import OfferQuote, RequestQuote, StartProject
from services.quotes.main import QUOTE_STATUS
from services.retention.app.handlers import StaffErasures
from services.retention.app.sweep import Sweep, SweepLimits
from tests.simulation.asking import POOL, Asking, Spot, TrustingMemory
from tests.simulation.services import BLIND_INDEX, POLICY
from tests.simulation.stepping import Task
from tests.unit.services.quotes.examples import ADDRESS, DETAILS

PARTY = PartyGiven(address=ADDRESS)
AMOUNT = Money(cents=123450)
FOR_EVER = timedelta(days=365 * 100)
EMAIL = DETAILS.email


def means_of_quotes(spot: Spot) -> quotes.Means:
    """What quotes' handlers work with."""
    return quotes.Means(
        desk=spot.desk,
        keyring=spot.keyring,
        blind_index=BLIND_INDEX,
        policy=POLICY,
        clock=spot.clock,
    )


def means_of_consent(spot: Spot) -> consent.Means:
    """What consent's handlers work with."""
    return consent.Means(
        desk=spot.desk,
        keyring=spot.keyring,
        blind_index=BLIND_INDEX,
        policy=POLICY,
        clock=spot.clock,
        ids=spot.ids,
    )


def _answer(spot: Spot, key: UUID) -> Answer:
    return Answer(
        scope="simulation",
        key_hash=key.bytes,
        fingerprint=b"",
        status=200,
        body="{}",
        answered_at=spot.clock.now(),
    )


def client(owner: Owner, name: str, at: datetime, body: Callable[[Spot], Awaitable[Any]]) -> Task:
    """A piece of work that may be refused."""
    return Task(name, owner, at, cast("Any", body), is_client=True)


def request(record: UUID, at: datetime, *, email: str = EMAIL) -> Task:
    """Somebody asks for a price."""
    details = msgspec.structs.replace(DETAILS, email=email)
    command = RequestQuote(language="nl", details=details)

    async def body(spot: Spot) -> None:
        await quotes.request_quote(means_of_quotes(spot), record, command)

    return client(Owner.QUOTES, f"request {_short(record)}", at, body)


def offer(record: UUID, at: datetime, *, days: int = 30) -> Task:
    """Staff send an offer."""
    today_on = local_date(at)
    ends_on = today_on + timedelta(days=days)
    command = OfferQuote(amount=AMOUNT, valid_until_on=ends_on, today_on=today_on)
    return _keyless("offer", record, at, command)


def start(record: UUID, at: datetime) -> Task:
    """Staff begin the work."""
    return _keyless("start", record, at, StartProject())


def _keyless(name: str, record: UUID, at: datetime, command: Any) -> Task:
    async def body(spot: Spot) -> None:
        await quotes.handle_keyless(means_of_quotes(spot), record, command)

    return client(Owner.QUOTES, f"{name} {_short(record)}", at, body)


def accept(record: UUID, at: datetime, *, offer_number: int = 1) -> Task:
    """The customer says yes."""
    acceptance = quotes.Acceptance(offer=offer_number, party=PARTY)

    async def body(spot: Spot) -> None:
        await quotes.accept_quote(means_of_quotes(spot), record, acceptance)

    return client(Owner.QUOTES, f"accept {_short(record)}", at, body)


def complete(record: UUID, at: datetime, *, delivered_on: date | None = None) -> Task:
    """Staff say that the work was delivered."""
    day = delivered_on or local_date(at)

    async def body(spot: Spot) -> None:
        await quotes.complete_project(means_of_quotes(spot), record, day)

    return client(Owner.QUOTES, f"complete {_short(record)}", at, body)


def take_back(at: datetime, *, name: str = "take back") -> Task:
    """The timer of quotes looks for acceptances that were lost."""

    async def body(spot: Spot) -> None:
        await take_back_abandoned_holds(means_of_quotes(spot))

    return client(Owner.QUOTES, name, at, body)


def let_go(at: datetime, *, name: str = "let go") -> Task:
    """The timer of quotes looks for keys of which nothing came."""

    async def body(spot: Spot) -> None:
        await unused_keys(means_of_quotes(spot)).let_go()

    return client(Owner.QUOTES, name, at, body)


def let_go_at_consent(at: datetime, *, name: str = "let go at consent") -> Task:
    """The timer of consent looks for keys of which nothing came."""

    async def body(spot: Spot) -> None:
        await consent_abandoned.unused_keys(means_of_consent(spot)).let_go()

    return client(Owner.CONSENT, name, at, body)


def erase(erasure: UUID, at: datetime, *records: UUID) -> Task:
    """Staff begin the erasure of these records."""

    async def body(spot: Spot) -> None:
        staff = StaffErasures(desk=spot.desk, log=spot.desk.log, keyring=spot.keyring)
        await staff.begin(erasure, records, "asked by letter", _answer(spot, erasure))

    return client(Owner.RETENTION, f"erase {_short(erasure)}", at, body)


def erase_person(erasure: UUID, at: datetime, *, email: str = EMAIL) -> Task:
    """Staff begin the erasure of everything of a person, as the keyring knows it now."""

    async def body(spot: Spot) -> None:
        staff = StaffErasures(desk=spot.desk, log=spot.desk.log, keyring=spot.keyring)
        records = await staff.of_subject(BLIND_INDEX.of_email(email))
        await staff.begin(erasure, records, "asked by letter", _answer(spot, erasure))

    return client(Owner.RETENTION, f"erase person {_short(erasure)}", at, body)


def ask_erasure(record: UUID, at: datetime, *, email: str = EMAIL) -> Task:
    """A person asks to be erased, and confirms."""
    wish = consent.Request(right=Right.ERASURE, email=email, language="nl", at=at)

    async def body(spot: Spot) -> None:
        means, answer = means_of_consent(spot), _answer(spot, record)
        await consent.request_right(means, record, wish, answer)
        await consent.confirm_request(means, record, answer)

    return client(Owner.CONSENT, f"ask erasure {_short(record)}", at, body)


def choose(visitor: UUID, at: datetime, *, name: str, marketing: bool = True) -> Task:
    """A visitor makes a choice."""
    command = Choose(
        answers=Answers(analytical=True, marketing=marketing),
        source=Source.BANNER,
        notice_version="1",
        language="nl",
        gpc=False,
    )

    async def body(spot: Spot) -> None:
        await consent.choose(
            means_of_consent(spot), visitor, command, lambda fact: _answer(spot, fact.event_id)
        )

    return client(Owner.CONSENT, name, at, body)


def sweep(at: datetime, *, name: str = "sweep") -> Task:
    """Retention's timer calls due what is due."""
    limits = SweepLimits(clock_jump=FOR_EVER, records_per_run=500)

    async def body(spot: Spot) -> None:
        await Sweep(
            pool=POOL,
            log=cast("Any", spot.log),
            stamp=spot.stamp,
            clock=spot.clock,
            claims=cast("Any", _Claims()),
            memory=TrustingMemory(),
            limits=limits,
        ).run()

    return client(Owner.RETENTION, name, at, body)


class _Claims:
    async def claim_due(
        self, _connection: object, now: datetime, limit: int
    ) -> list[tuple[UUID, str]]:
        """What the view says is due, asked of the scheduler."""
        due: list[tuple[UUID, str]] = await Asking("sweep").claim_due(now, limit)
        return due


def rebuild(at: datetime) -> Task:
    """An operator builds quotes' view anew from its facts, while more of them come.

    Shape: the outcome is the row as it was built, its box as present or gone.
    """

    async def body(spot: Spot) -> str:
        checkpoint = Checkpoint()
        rows: dict[Key, Any] = {}
        while True:
            stretch = await spot.log.read_onward(checkpoint)
            if not stretch.recorded:
                return f"built {sorted(map(repr, rows.values()))}"
            heard = [one for one in stretch.recorded if type(one.event) in QUOTE_STATUS.hears]
            rows |= fold_rows(QUOTE_STATUS, rows, heard)
            checkpoint = stretch.checkpoint

    return client(Owner.QUOTES, "rebuild", at, body)


def _short(record: UUID) -> str:
    return record.hex[-6:]

"""What consent does when it is asked: keep a choice, take a rights request, publish the policy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from libs.doors.turns import Turns
from libs.events.clock import Clock
from libs.events.errors import Conflict
from libs.events.handle import TRIES, Desk
from libs.events.ids import Ids
from libs.events.log import Answer, Append, next_version
from libs.events.values import Category, RecordKind
from libs.events.vocabulary.consent import Requester
from libs.keyring.blind_index import BlindIndex
from libs.keyring.keyring import Keyring
from libs.policy.policy import Policy
from services.consent.app.ports import Answering
from services.consent.domain.choices import CHOICES, Choose
from services.consent.domain.published_policy import POLICY_RECORD, PUBLISHED_POLICY, Publish
from services.consent.domain.refusals import ChoicesErased, RequestedTooOften
from services.consent.domain.rights_request import RIGHTS_REQUEST, Confirm, Receive, Right

REQUESTS_A_DAY_MAX = 3
"""From one address, so that nobody's mailbox is filled in their name; each letter can be used."""

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Means:
    """What the handlers work with.

    Why: choices of one visitor take turns, because two first ones at once would begin two records.
         Between processes the keyring decides: the newest record is the visitor's. Requests from
         one address take turns, so that those at once are counted, too.
    """

    desk: Desk
    keyring: Keyring
    blind_index: BlindIndex
    policy: Policy
    clock: Clock
    ids: Ids
    turns: Turns = field(default_factory=Turns)


@dataclass(frozen=True, kw_only=True)
class Request:
    """Somebody asks to use a right, from this address, at this moment."""

    right: Right
    email: str
    language: str
    at: datetime


async def find_choices(means: Means, visitor: UUID) -> UUID | None:
    """The record of a visitor's choices, as only the keyring knows it."""
    index = means.blind_index.of_visitor(str(visitor))
    return await means.keyring.find_record(index, RecordKind.CHOICES)


async def choose(means: Means, visitor: UUID, command: Choose, answering: Answering) -> Answer:
    """Keeps a choice; a visitor without a living record begins a new one.

    Raises: KeyringUnavailable, Unavailable: nothing was kept, the visitor may try again.
    """
    index = means.blind_index.of_visitor(str(visitor))
    async with means.turns.of(index):
        record = await means.keyring.find_record(index, RecordKind.CHOICES)
        if record is not None:
            try:
                return await _choose(means, record, command, answering)
            except ChoicesErased:
                means.keyring.revoke(record)
        return await _choose(means, await _begin_choices(means, index), command, answering)


async def _begin_choices(means: Means, index: bytes) -> UUID:
    record = means.ids.new()
    await means.keyring.make_keys(
        record,
        kind=RecordKind.CHOICES,
        categories=[Category.CONSENT],
        subject=index,
        at=means.clock.now(),
    )
    return record


async def _choose(means: Means, record: UUID, command: Choose, answering: Answering) -> Answer:
    for _ in range(TRIES - 1):
        try:
            return await _choose_once(means, record, command, answering)
        except Conflict:
            continue
    return await _choose_once(means, record, command, answering)


async def _choose_once(means: Means, record: UUID, command: Choose, answering: Answering) -> Answer:
    # Not by the desk: the answer tells what was decided, and is kept with it.
    history = await means.desk.log.load(record)
    events = CHOICES.decide(command, CHOICES.fold(one.event for one in history))
    recorded = means.desk.stamp.record(record, history, events)
    answer = answering(recorded[-1])
    expected = next_version(history)
    await means.desk.log.append(
        Append(record=record, expected_version=expected, recorded=recorded, answer=answer)
    )
    return answer


async def request_right(means: Means, record: UUID, request: Request, answer: Answer) -> None:
    """Takes a rights request; the same work is done whether the address is known or not.

    Raises: RequestedTooOften; KeyringUnavailable, Unavailable: nothing was kept, ask again.
    Source: clause 6.requests; D15.
    """
    index = means.blind_index.of_email(request.email)
    async with means.turns.of(index):
        await _refuse_many(means, index, at=request.at)
        keys = await means.keyring.make_keys(
            record,
            kind=RecordKind.RIGHTS_REQUEST,
            categories=[Category.RIGHTS_REQUEST],
            subject=index,
            at=request.at,
        )
    command = Receive(
        right=request.right,
        language=request.language,
        requester=Requester(email=request.email),
        at=request.at,
        answer_within=means.policy.terms.rights_request_answer,
    )
    secrets = {category: key.secret for category, key in keys.items()}
    await means.desk.begin(record, command, RIGHTS_REQUEST, secrets=secrets, answer=answer)


async def _refuse_many(means: Means, index: bytes, *, at: datetime) -> None:
    kind = RecordKind.RIGHTS_REQUEST
    if await means.keyring.count_records(index, kind, after=at - DAY) >= REQUESTS_A_DAY_MAX:
        message = (
            f"{REQUESTS_A_DAY_MAX} requests were made from this address within a day and nothing "
            "more was kept; use the link in one of the letters, or ask again tomorrow"
        )
        raise RequestedTooOften(message)


async def confirm_request(means: Means, record: UUID, answer: Answer) -> None:
    """Confirms a request, once; retention hears of it and erases.

    Raises: NoSuchRequest, RequestAlreadyConfirmed, RequestLate, RequestClosed.
    """
    command = Confirm(at=means.clock.now())
    await means.desk.handle(record, command, RIGHTS_REQUEST, answer=answer)


async def publish_policy(means: Means) -> None:
    """Publishes the policy when its version, date or text is new; nothing otherwise."""
    command = Publish(
        version=means.policy.version,
        effective_on=means.policy.effective_on,
        digest_sha256=means.policy.digest,
    )
    await means.desk.handle(POLICY_RECORD, command, PUBLISHED_POLICY)

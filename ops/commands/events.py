"""`flux3d events`: the logs of all services as an operator may see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from deploy.native.stack import SERVICES, Stack
from ops.lengths import MomentRefused, read_moment
from ops.listing import CursorRefused, Listing, Wanted, list_newest, read_cursor
from ops.log_readers import QUERIES, readers
from ops.options import spread
from ops.outcome import SaidNo
from ops.output import AsJson, say, show, show_line, stdout, table
from ops.shown_facts import ShownFact, shown_fact, summary
from ops.story import read_story

HEADINGS = ("time", "service", "place", "record", "fact", "fields")
Service = Annotated[list[str], typer.Option(help="Only this service; may be repeated.")]
Type = Annotated[list[str], typer.Option("--type", help="Only this event; may be repeated.")]
Record = Annotated[UUID | None, typer.Option(help="Only this record.")]
Moment = Annotated[str | None, typer.Option(help="A day or an instant, as 2026-12-31.")]

app = typer.Typer(help="Read the logs; what is a person's stays sealed.", no_args_is_help=True)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What may be asked of a listing."""

    record: Record = None
    type_: Type = field(default_factory=list)
    service: Service = field(default_factory=list)
    since: Moment = None
    until: Moment = None
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50
    before: Annotated[str | None, typer.Option(help="Go on where a listing stopped.")] = None
    as_json: AsJson = False


@app.command("list")
@spread(Listed)
def list_facts(asked: Listed) -> None:
    """List the newest facts, oldest first, and say where it looked and where it stopped."""
    wanted = Wanted(
        record=asked.record,
        names=tuple(asked.type_) or None,
        since=_moment(asked.since),
        until=_moment(asked.until),
    )
    before = _cursor(asked.before)
    listing = asyncio.run(_list(_services(asked.service), wanted, before, asked.limit))
    show(listing, as_json=asked.as_json, people=[_table(listing.items)])
    if not asked.as_json:
        _say_where(listing)


@app.command("show")
def show_fact(
    fact: Annotated[str, typer.Argument(help="An event's id, or a place as quotes:41.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one fact whole, its personal parts masked."""
    found = asyncio.run(_find(fact))
    if found is None:
        message = f"There is no fact {fact} in any log of this stack"
        raise SaidNo(message)
    rows = [(name, getattr(found, name)) for name in found.__struct_fields__ if name != "data"]
    fields = [(f"  {name}", value) for name, value in found.data.items()]
    show(found, as_json=as_json, people=[table(("", ""), [*rows, ("data", ""), *fields])])


@app.command()
def story(record: UUID, *, as_json: AsJson = False) -> None:
    """Tell the life of one record: all services' facts, causes before what they caused."""
    facts = asyncio.run(_story(record))
    if not facts:
        message = f"No log of this stack knows the record {record}"
        raise SaidNo(message)
    show({"record": record, "items": facts}, as_json=as_json, people=[_told(facts)])


@app.command()
def tail(
    *,
    record: Record = None,
    type_: Type = [],  # noqa: B006 - Typer hands in a fresh one
    service: Service = [],  # noqa: B006 - Typer hands in a fresh one
    from_start: Annotated[bool, typer.Option(help="Begin with the first fact.")] = False,
    as_json: AsJson = False,
) -> None:
    """Follow the logs as they grow, until Ctrl-C; no fact is skipped, also none committed late."""
    names = set(type_)

    def tell(fact: ShownFact) -> None:
        if (record and fact.record != record) or (names and fact.name not in names):
            return
        _tell(fact, as_json=as_json)

    try:
        asyncio.run(_follow(_services(service), tell, from_start=from_start))
    except KeyboardInterrupt:
        say("stopped")


async def _list(services: list[str], wanted: Wanted, before: dict[str, int], limit: int) -> Listing:
    async with readers(Stack.from_environment(), services) as pools:
        return await list_newest(pools, wanted, before=before, limit=limit)


async def _find(text: str) -> ShownFact | None:
    query, argument, services = _address(text)
    async with readers(Stack.from_environment(), services) as pools:
        for name, pool in pools.items():
            for row in await pool.fetch(QUERIES[query], argument):
                return shown_fact(name, row)
    return None


async def _story(record: UUID) -> list[ShownFact]:
    async with readers(Stack.from_environment()) as pools:
        return await read_story(pools, record)


async def _follow(
    services: list[str], tell: Callable[[ShownFact], None], *, from_start: bool
) -> None:
    from ops.tailing import Tail

    async with readers(Stack.from_environment(), services) as pools:
        followed = Tail(pools)
        if not from_start:
            await followed.begin_now()
        say(f"following {', '.join(services)}; Ctrl-C ends it")
        async for fact in followed.follow():
            tell(fact)


def _tell(fact: ShownFact, *, as_json: bool) -> None:
    if as_json:
        show_line(fact)
    else:
        line = f"{fact.recorded_at:%H:%M:%S} {fact.service}:{fact.position} {fact.record}"
        stdout().print(f"{line} {fact.name} {summary(fact)}", markup=False, soft_wrap=True)


def _table(facts: list[ShownFact]) -> Table:
    return table(HEADINGS, (_row(fact) for fact in facts))


def _row(fact: ShownFact) -> tuple[object, ...]:
    place = f"{fact.service}:{fact.position}"
    return fact.recorded_at, fact.service, place, fact.record, fact.name, summary(fact)


def _told(facts: list[ShownFact]) -> Table:
    """The facts numbered, each with the number of the one that caused it."""
    numbers = {fact.event_id: number for number, fact in enumerate(facts, start=1)}
    causes = (numbers.get(fact.causation_id) if fact.causation_id else None for fact in facts)
    rows = (
        (numbers[fact.event_id], fact.recorded_at, fact.service, fact.name, cause, summary(fact))
        for fact, cause in zip(facts, causes, strict=True)
    )
    return table(("#", "time", "service", "fact", "because of #", "fields"), rows)


def _say_where(listing: Listing) -> None:
    for one in listing.looked:
        stop = "to its beginning" if one.down_to is None else f"down to {one.down_to}"
        say(
            f"{one.service}: looked from {one.last} {stop} (its log goes {one.first} to {one.last})"
        )
    say(f"older ones: --before {listing.before}" if listing.before else "that is all there is")


def _address(text: str) -> tuple[str, object, list[str]]:
    """Which question finds the fact, with what, and in which logs."""
    service, _, position = text.partition(":")
    if service in SERVICES and position.isdecimal():
        return "event_at_position", int(position), [service]
    try:
        return "events_by_id", [UUID(text)], list(SERVICES)
    except ValueError as error:
        message = f"{text!r} is neither an event's id nor a place like quotes:41"
        raise typer.BadParameter(message) from error


def _services(asked: list[str]) -> list[str]:
    for one in asked:
        if one not in SERVICES:
            message = f"{one!r} is no service; there are {', '.join(SERVICES)}"
            raise typer.BadParameter(message)
    return asked or list(SERVICES)


def _moment(text: str | None) -> datetime | None:
    try:
        return read_moment(text, now=datetime.now(UTC)) if text else None
    except MomentRefused as error:
        raise typer.BadParameter(str(error)) from error


def _cursor(text: str | None) -> dict[str, int]:
    try:
        places = read_cursor(text)
    except CursorRefused as error:
        raise typer.BadParameter(str(error)) from error
    _services(list(places))
    return places

"""`flux3d scan`: every byte of the stack, searched for texts that must not be there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from aiokafka.errors import KafkaError
from minio.error import MinioException
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from urllib3.exceptions import HTTPError

from deploy.native.stack import Stack
from ops.outcome import Away, Exit, SaidNo
from ops.output import AsJson, show, stderr, table
from ops.scan.canaries import Canary, CanaryRefused, read_canaries
from ops.scan.controls import AnotherScan
from ops.scan.memory import Memory
from ops.scan.report import Report, StoreReport
from ops.scan.scan import Watcher
from ops.scan.scan import scan as look_everywhere

STORES = ("store", "things", "bytes", "hits", "controls found", "")
HITS = ("canary", "encoding", "store", "place", "offset")
HITS_SHOWN = 40
AWAY = (MinioException, HTTPError, KafkaError, asyncpg.PostgresError, ConnectionError, TimeoutError)


def scan(
    *,
    canary: Annotated[list[str], typer.Option(help="A text to look for; may be repeated.")] = [],  # noqa: B006 - Typer copies it
    canary_hex: Annotated[
        list[str], typer.Option(help="The bytes of a key, in hex; may be repeated.")
    ] = [],  # noqa: B006 - Typer copies it
    canaries: Annotated[Path | None, typer.Option(help="A JSON list of texts and keys.")] = None,
    memory: Annotated[Memory, typer.Option(help="Whose memory is searched as well.")] = Memory.NONE,
    as_json: AsJson = False,
) -> None:
    """Search every byte under the home, and every row of every database, in some twenty encodings.

    Controls are planted in every store before and taken away after; a store in which they are not
    found was not searched. Ends with 1 on a hit, a blind store, or something unreadable. Memory is
    searched when asked for, a minute after an erasure: before it, what is at work is there.
    """
    stack = Stack.from_environment()
    try:
        wanted = read_canaries(canary, canaries, canary_hex)
    except CanaryRefused as error:
        raise typer.BadParameter(str(error)) from error
    report = _scan(stack, wanted, memory)
    show(_data(report), as_json=as_json, people=_people(report))
    raise typer.Exit(Exit.FINE if report.clean else Exit.NO)


def _scan(stack: Stack, wanted: list[Canary], memory: Memory) -> Report:
    console = stderr()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("preparing", total=None)
        watcher = Watcher(
            say=lambda text: progress.update(task, description=text),
            begin=lambda total: progress.update(task, total=total),
            advance=lambda step: progress.advance(task, step),
        )
        try:
            return look_everywhere(stack, wanted, watcher, whose=memory)
        except AnotherScan as error:
            raise SaidNo(str(error)) from error
        except AWAY as error:
            message = f"A store does not answer ({type(error).__name__}); see flux3d status"
            raise Away(message) from error


def _data(report: Report) -> dict[str, Any]:
    return {
        "clean": report.clean,
        "canaries": report.canaries,
        "forms": report.forms,
        "seconds": report.seconds,
        "stores": [_store(one) for one in _ordered(report)],
        "hits": report.hits,
        "hits_total": report.hits_total,
        "faults": report.faults,
        "outside": {"files": report.outside_files, "bytes": report.outside_bytes},
    }


def _store(one: StoreReport) -> dict[str, Any]:
    return {
        "store": one.store,
        "things": one.things,
        "bytes": one.bytes,
        "hits": one.hits,
        "controls": one.controls_expected,
        "controls_found": one.controls_found,
        "missing": one.missing,
    }


def _ordered(report: Report) -> list[StoreReport]:
    return sorted(report.stores.values(), key=lambda one: one.store)


def _people(report: Report) -> list[Any]:
    rows = (
        (
            one.store,
            one.things,
            f"{one.bytes:,}",
            one.hits,
            f"{one.controls_found}/{one.controls_expected}",
            f"the scan could not see {', '.join(one.missing)}" if one.missing else "",
        )
        for one in _ordered(report)
    )
    hits = (
        (one.canary, one.encoding, one.store, one.place, one.offset)
        for one in report.hits[:HITS_SHOWN]
    )
    found = ["", table(HITS, hits)] if report.hits else []
    faults = [f"Not looked at: {fault}" for fault in report.faults]
    return [table(STORES, rows), *found, *faults, "", *_sum(report)]


def _sum(report: Report) -> list[str]:
    looked_at = sum(one.bytes for one in report.stores.values())
    found = (
        f"{report.canaries} canaries in {report.forms} forms, {looked_at / 1e6:,.0f} MB "
        f"in {report.seconds} s: {report.hits_total} hits."
    )
    left_out = (
        f"Not looked at, because it has left our hands: outside/, {report.outside_files} files, "
        f"{report.outside_bytes:,} bytes."
    )
    return [found, left_out]

"""What this machine has, what it lacks, and what to do about it; changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

from deploy.native import kafka_jars, object_store_build, postgres_install
from deploy.native.failure import StackError
from deploy.native.machine import go, java, wheel_program
from deploy.native.readiness import taken
from deploy.native.stack import Stack
from deploy.native.supervision import Supervisor, strays

MEMORY_MEGABYTES_MIN = 2_000
DISK_MEGABYTES_MIN = 2_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    well: bool
    seen: str
    remedy: str = ""


def examine(stack: Stack) -> list[Finding]:
    """Everything the stack needs, looked at one by one."""
    looks: list[Callable[[Stack], Finding]] = [
        _python,
        _java,
        _maven,
        _kafka,
        _object_store,
        _postgres,
        _gateway,
        _memory,
        _disk,
        _ports,
        _running,
    ]
    return [_look(one, stack) for one in looks]


def table(findings: list[Finding]) -> Table:
    """The same for people to read."""
    shown = Table("", "what", "seen", "what to do", box=None)
    for one in findings:
        shown.add_row("✓" if one.well else "✗", one.subject, one.seen, one.remedy)
    return shown


def _look(look: Callable[[Stack], Finding], stack: Stack) -> Finding:
    try:
        return look(stack)
    except StackError as error:
        return Finding(look.__name__.strip("_"), well=False, seen=error.what, remedy=error.remedy)


def _python(_: Stack) -> Finding:
    return Finding("Python", sys.version_info >= (3, 11), sys.version.split()[0])


def _java(_: Stack) -> Finding:
    return Finding("Java", well=True, seen=str(java()))


def _maven(_: Stack) -> Finding:
    found = shutil.which("mvn")
    needed = kafka_jars.fault(kafka_jars.jars_folder()) is not None
    seen = found or ("missing" if needed else "missing, and not needed any more")
    remedy = "sudo apt-get install -y maven" if needed and not found else ""
    return Finding("Maven", bool(found) or not needed, seen, remedy)


def _kafka(_: Stack) -> Finding:
    folder = kafka_jars.jars_folder()
    wrong = kafka_jars.fault(folder)
    return Finding(
        "Kafka's jars", wrong is None, wrong or str(folder), "make setup" if wrong else ""
    )


def _object_store(_: Stack) -> Finding:
    there = object_store_build.program()
    if there.is_file():
        return Finding("S3 server", well=True, seen=str(there))
    return Finding("S3 server", well=False, seen=f"not built; Go is {go()}", remedy="make setup")


def _postgres(_: Stack) -> Finding:
    who = postgres_install.account().name
    return Finding("PostgreSQL", well=True, seen=f"{postgres_install.version()}, runs as {who}")


def _gateway(_: Stack) -> Finding:
    return Finding("Caddy", well=True, seen=str(wheel_program("caddy")))


def _memory(_: Stack) -> Finding:
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    well = free >= MEMORY_MEGABYTES_MIN
    return Finding("Memory", well, f"{free} MB free", "" if well else "Close something large")


def _disk(stack: Stack) -> Finding:
    place = stack.home if stack.home.exists() else stack.home.parent
    free = shutil.disk_usage(place).free // 1_000_000
    well = free >= DISK_MEGABYTES_MIN
    return Finding("Disk", well, f"{free} MB free", "" if well else "Make room, or make clean")


def _ports(stack: Stack) -> Finding:
    others = (
        [] if Supervisor(stack).is_up() else [port for port in stack.ports.all() if taken(port)]
    )
    seen = f"in use by others: {others[0]}" if others else f"from {stack.ports.base}"
    remedy = "Choose another FLUX3D_PORT_BASE" if others else ""
    return Finding("Ports", not others, seen, remedy)


def _running(stack: Stack) -> Finding:
    up = Supervisor(stack).is_up()
    lost = [] if up else strays(stack)
    seen = f"left over: {lost}" if lost else ("running" if up else "not running")
    return Finding("Stack", not lost, seen, "make down" if lost else "")

"""Up, down and clean: what each does, in order."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from deploy.native.broker import format_storage
from deploy.native.buckets import prepare_buckets
from deploy.native.cluster import prepare_cluster
from deploy.native.databases import prepare_databases
from deploy.native.failure import StackError
from deploy.native.postgres_install import shared_cluster_folder
from deploy.native.programs import EVERYTHING, programs
from deploy.native.readiness import taken
from deploy.native.rendering import render_all, write_private
from deploy.native.secret_files import make_all
from deploy.native.stack import SERVICES, Stack
from deploy.native.supervision import Supervisor, strays, wait_until
from deploy.native.supervisor_configuration import configuration
from deploy.native.topics import declared, prepare_topics
from deploy.native.waiting import Wait

READY_SECONDS = 180.0
FOLDERS = (
    "run",
    "logs",
    "kafka",
    "bucket",
    "bucket-metadata",
    "caddy",
    "journal",
    "outside/mailbox",
)


def up(stack: Stack, names: tuple[str, ...] = EVERYTHING) -> float:
    """Start what is not running of the named parts and wait until they can be used.

    Units:  the answer is in seconds.
    Raises: StackError, naming what is not ready and why as far as its log tells.
    """
    began = time.monotonic()
    _refuse_half_restored(stack)
    supervisor = Supervisor(stack)
    servers = tuple(name for name in names if name not in SERVICES)
    names = (*names, *stack.own_doors_of(names))
    if not supervisor.is_up():
        prepare_home(stack, at_once=servers)
        supervisor.start()
    _refuse_other_clock(stack)
    _refuse_other_doors(stack)
    with Wait(stack, names, seconds=READY_SECONDS) as wait:
        supervisor.start_stopped(servers)
        wait.until_ready(("postgres", "kafka", "objects"))
        prepare_contents(stack)
        supervisor.start_stopped(names)
        wait.until_ready(names)
    if "gateway" in names:
        _publish_root(stack)
    return time.monotonic() - began


def prepare_home(stack: Stack, *, at_once: tuple[str, ...]) -> None:
    """Lay out the home: folders, secrets, configuration, a cluster, a formatted broker."""
    stack.home.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        (stack.home / name).mkdir(parents=True, exist_ok=True)
    _bind_to_ports(stack)
    _refuse_taken_ports(stack)
    make_all(stack)
    render_all(stack)
    prepare_cluster(stack)
    format_storage(stack)
    text = configuration(stack, programs(stack), at_once=at_once)
    write_private(stack.run / "supervisord.conf", text)
    (stack.run / "clock").write_text(stack.clock, encoding="ascii")
    (stack.run / "doors").write_text(stack.doors, encoding="ascii")


def prepare_contents(stack: Stack) -> None:
    """Make what is missing inside the servers: databases, tables, topics, buckets."""
    prepare_databases(stack)
    asyncio.run(prepare_topics(stack.kafka_servers, declared()))
    prepare_buckets(stack)


def down(stack: Stack) -> bool:
    """Stop this stack's processes and no others; says whether there were any."""
    supervisor = Supervisor(stack)
    was_up = supervisor.is_up()
    supervisor.stop()
    left = strays(stack)
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: not strays(stack), seconds=30):
        raise StackError(
            what=f"Processes {strays(stack)} did not stop", remedy="Try make down again"
        )
    return was_up or bool(left)


def clean(stack: Stack) -> None:
    """Remove the home of a stack, after stopping it.

    Raises: StackError, when the folder does not look like a stack's home.
    """
    down(stack)
    if not stack.home.exists():
        return
    if not (stack.home / "run").is_dir():
        raise StackError(
            what=f"{stack.home} is not the home of a stack", remedy="Nothing was removed"
        )
    if stack.postgres.is_symlink():
        shutil.rmtree(shared_cluster_folder(stack), ignore_errors=True)
    shutil.rmtree(stack.home)


def _bind_to_ports(stack: Stack) -> None:
    bound = stack.run / "port-base"
    if not bound.exists():
        bound.write_text(str(stack.ports.base), encoding="ascii")
    elif int(bound.read_text(encoding="ascii")) != stack.ports.base:
        raise StackError(
            what=f"{stack.home} was made for port base {bound.read_text()}, not {stack.ports.base}",
            remedy="Use the same FLUX3D_PORT_BASE or another FLUX3D_HOME",
        )


def running_clock(stack: Stack) -> str | None:
    """The clock that the running stack was started with; None when it is down."""
    if not Supervisor(stack).is_up():
        return None
    return (stack.run / "clock").read_text(encoding="ascii")


def _refuse_other_clock(stack: Stack) -> None:
    if (there := running_clock(stack)) not in (None, stack.clock):
        raise StackError(
            what=f"The stack is running with a {there} clock, not a {stack.clock} one",
            remedy="Run make down first",
        )


def _refuse_other_doors(stack: Stack) -> None:
    written = stack.run / "doors"
    there = written.read_text(encoding="ascii") if written.exists() else "shared"
    if there != stack.doors:
        raise StackError(
            what=f"The stack is running with {there} doors, not with {stack.doors} ones",
            remedy="Run make down first, or set FLUX3D_DOORS as it was",
        )


def restore_mark(stack: Stack) -> Path:
    """The file that is there while a backup is being put in place."""
    return stack.run / "restoring"


def _refuse_half_restored(stack: Stack) -> None:
    if restore_mark(stack).exists():
        raise StackError(
            what="A backup was put in place by half",
            remedy="Run flux3d restore again; nothing is started before",
        )


def _refuse_taken_ports(stack: Stack) -> None:
    if occupied := [number for number in stack.ports.all() if taken(number)]:
        raise StackError(
            what=f"Port {occupied[0]} is in use by another process",
            remedy="Stop it, or choose another FLUX3D_PORT_BASE",
        )


def _publish_root(stack: Stack) -> None:
    made = stack.home / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    fresh = Path(f"{stack.gateway_root}.fresh")
    shutil.copyfile(made, fresh)
    fresh.replace(stack.gateway_root)

"""Every process of the stack: how it is started, as whom, and how it is asked to stop."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from deploy.native import kafka_jars, object_store_build, postgres_install
from deploy.native.machine import java, wheel_program
from deploy.native.service_environment import (
    doors_environment,
    gateway_environment,
    service_environment,
)
from deploy.native.stack import BUSY_DOORS, CHECKOUT, DEPLOY, SERVICES, Stack, doors_program

BARE = ("postgres", "kafka", "objects", "mail")
WITHOUT_SERVICES = (*BARE, "gateway")
EVERYTHING = (*WITHOUT_SERVICES, *SERVICES)
# The supervisor stops the highest rank first: the door, then services, then what they stand on.
RANKS = (
    dict.fromkeys(BARE, 100)
    | dict.fromkeys((*SERVICES, *map(doors_program, BUSY_DOORS)), 200)
    | {"gateway": 300}
)


@dataclass(frozen=True, slots=True)
class Program:
    """One process that the supervisor keeps running."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    folder: Path = CHECKOUT
    stop_signal: str = "TERM"
    stop_seconds: int = 15


def programs(stack: Stack) -> list[Program]:
    """Every process of a stack, ready to be written down for the supervisor."""
    infrastructure = {
        "postgres": _postgres,
        "kafka": _kafka,
        "objects": _objects,
        "mail": _mail,
        "gateway": _gateway,
    }
    known = [
        infrastructure[name](stack) if name in infrastructure else _service(stack, name)
        for name in EVERYTHING
    ]
    return known + [_doors(stack, name) for name in BUSY_DOORS if stack.doors == "own"]


def _postgres(stack: Stack) -> Program:
    server = postgres_install.programs() / "postgres"
    data = postgres_install.cluster_folder(stack) / "data"
    return Program(
        "postgres",
        (str(server), "-D", str(data)),
        user=postgres_install.account().name,
        folder=data,
        stop_signal="INT",
        stop_seconds=30,
    )


def _kafka(stack: Stack) -> Program:
    command = (
        str(java()),
        "-Xms128m",
        "-Xmx384m",
        "-XX:+UseSerialGC",
        # The second compiler took more of a small machine than its code ever gave back.
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
    )
    logging = f"-Dlog4j2.configurationFile={stack.run / 'log4j2.properties'}"
    main = ("kafka.Kafka", str(stack.run / "server.properties"))
    return Program(
        "kafka",
        (*command, logging, "-cp", f"{kafka_jars.jars_folder()}/*", *main),
        stop_seconds=30,
    )


def _objects(stack: Stack) -> Program:
    server = [str(object_store_build.program()), "--quiet", "--health", "/health"]
    metadata = [] if keeps_attributes(stack) else ["--sidecar", str(stack.home / "bucket-metadata")]
    posix = [
        "--port",
        stack.s3_endpoint,
        "posix",
        *metadata,
        str(stack.home / "bucket"),
    ]
    keys = {
        "ROOT_ACCESS_KEY": stack.secret("s3-access.key"),
        "ROOT_SECRET_KEY": stack.secret("s3-secret.key"),
    }
    return Program("objects", (*server, *posix), environment=keys)


def keeps_attributes(stack: Stack) -> bool:
    """Whether the home's file system keeps extended attributes, where versitygw puts metadata."""
    probe = stack.run / "attributes.probe"
    probe.touch()
    try:
        os.setxattr(probe, "user.flux3d", b"1")
    except OSError:
        return False
    return True


def _mail(stack: Stack) -> Program:
    options = ("--port", str(stack.ports.smtp), "--mailbox", str(stack.mailbox))
    return Program("mail", (sys.executable, "-m", "deploy.mail.sink", *options))


def _gateway(stack: Stack) -> Program:
    configuration = str(DEPLOY / "gateway" / "Caddyfile")
    command = (str(wheel_program("caddy")), "run", "--adapter", "caddyfile", "--config")
    # Caddy keeps a few things of its own below these; without them it would use the user's.
    places = {
        "XDG_DATA_HOME": str(stack.home / "caddy"),
        "XDG_CONFIG_HOME": str(stack.run),
    }
    return Program(
        "gateway", (*command, configuration), environment=places | gateway_environment(stack)
    )


def _service(stack: Stack, name: str) -> Program:
    return Program(
        name,
        (sys.executable, "-m", f"services.{name}.main"),
        environment=service_environment(stack, name),
    )


def _doors(stack: Stack, service: str) -> Program:
    return Program(
        doors_program(service),
        (sys.executable, "-m", f"services.{service}.main"),
        environment=doors_environment(stack, service),
    )

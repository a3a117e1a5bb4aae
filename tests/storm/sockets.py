"""Connections of one port, cut by the kernel: both ends are told that the other has gone."""

import subprocess

from deploy.native.stack import SERVICES, Ports
from tests.storm.processes import NotHit

COMMAND_SECONDS = 10.0


def port_of(ports: Ports, part: str) -> int:
    """Where a part of the stack is called."""
    if part in SERVICES:
        return ports.service(part)
    return {
        "postgres": ports.postgres,
        "kafka": ports.kafka,
        "objects": ports.s3,
        "mail": ports.smtp,
        "gateway": ports.gateway,
    }[part]


def cut_connections(port: int) -> int:
    """End every connection that somebody has to this port; gives how many.

    Raises: NotHit, when there was none, or when this machine's kernel or `ss` cannot.
    """
    wanted = ["state", "established", "sport", "=", f":{port}"]
    try:
        done = subprocess.run(
            ["ss", "--no-header", "--tcp", "--numeric", "--kill", *wanted],
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except OSError as error:
        message = f"connections cannot be cut here: {error}"
        raise NotHit(message) from error
    cut = len(done.stdout.splitlines())
    if not cut:
        message = f"nobody was connected to {port}, or they outlived it: {done.stderr[:200]}"
        raise NotHit(message)
    return cut

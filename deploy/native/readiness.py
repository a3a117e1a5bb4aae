"""Whether each part of the stack can be used now, asked the way its users would."""

from __future__ import annotations

import socket
import ssl
import subprocess
import urllib.error
import urllib.request

from deploy.native.postgres_install import programs
from deploy.native.stack import BUSY_DOORS, SERVICES, Stack, doors_program

PROBE_SECONDS = 2.0


def ready(stack: Stack, name: str) -> bool:
    """Whether one part answers."""
    probes = {
        "postgres": _postgres,
        "kafka": _kafka,
        "objects": lambda one: _answers(f"http://{one.s3_endpoint}/health"),
        "mail": lambda one: _greets(one.ports.smtp, b"220"),
        "gateway": _gateway,
    }
    ports = {one: stack.ports.service(one) for one in SERVICES}
    ports |= {doors_program(one): stack.ports.doors(one) for one in BUSY_DOORS}
    if name in ports:
        return _answers(f"http://127.0.0.1:{ports[name]}/readyz")
    return probes[name](stack)


def _postgres(stack: Stack) -> bool:
    command = [
        str(programs() / "pg_isready"),
        "-q",
        "-h",
        "127.0.0.1",
        "-p",
        str(stack.ports.postgres),
    ]
    return subprocess.run(command, check=False).returncode == 0


def _kafka(stack: Stack) -> bool:
    # The listener opens only after the broker has caught up with its own metadata.
    return _greets(stack.ports.kafka, b"")


def _gateway(stack: Stack) -> bool:
    root = stack.home / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    if not root.is_file():
        return False
    context = ssl.create_default_context(cafile=str(root))
    return _answers(f"{stack.gateway_url}/", context=context, expected=404)


def _answers(url: str, *, expected: int = 200, context: ssl.SSLContext | None = None) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PROBE_SECONDS, context=context) as answer:  # noqa: S310 - the address is ours
            return bool(answer.status == expected)
    except urllib.error.HTTPError as error:
        return error.code == expected
    except OSError:
        return False


def _greets(port: int, words: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PROBE_SECONDS) as line:
            line.settimeout(PROBE_SECONDS)
            return line.recv(len(words)) == words if words else True
    except OSError:
        return False


def taken(port: int) -> bool:
    """Whether some process listens on a port of the loopback."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False

"""What the running services tell about themselves at `/metrics`, searched like a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx
from prometheus_client import CollectorRegistry, Info, start_http_server

from deploy.native.stack import SERVICES, Stack
from ops.scan import places
from ops.scan.expected import Expected, expected
from ops.scan.looking import Looked
from ops.scan.matcher import Matcher
from ops.scan.specimens import Specimen, textual

LOOPBACK = "127.0.0.1"
ESCAPED = frozenset({"json", "html", "quoted-printable"})
"""Encodings with quotes or line breaks, which the format of metrics would escape once more."""


def metric_addresses(stack: Stack) -> list[str]:
    """Where each process of a service tells its metrics: the service, and its doors if apart."""
    pairs = ((stack.ports.service(name), stack.doors_port(name)) for name in SERVICES)
    ports = dict.fromkeys(port for pair in pairs for port in pair)
    return [f"http://{LOOPBACK}:{port}/metrics" for port in ports]


@contextmanager
def metrics_control(found: list[Specimen]) -> Iterator[tuple[str, set[Expected]]]:
    """A process's metrics that hold the controls, and their address, while the block runs."""
    registry = CollectorRegistry()
    told = [one for one in textual(found) if one[0] not in ESCAPED]
    for number, (_, raw) in enumerate(told):
        Info(f"control_{number}", "A control.", registry=registry).info({"said": raw.decode()})
    server, thread = start_http_server(0, LOOPBACK, registry)
    try:
        port = server.server_port
        yield f"http://{LOOPBACK}:{port}/metrics", expected(places.METRICS, told)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def look_at_metrics(addresses: Iterable[str], matcher: Matcher) -> list[Looked]:
    """What is seen in the metrics told at these addresses; one that is silent is a fault."""
    seen = Looked(places.METRICS)
    for address in addresses:
        try:
            content = httpx.get(address).raise_for_status().content
        except httpx.HTTPError as error:
            seen.faults.append(f"{address}: {type(error).__name__}")
            continue
        seen.things += 1
        seen.bytes += len(content)
        seen.note(address, matcher.search(content))
    return [seen]

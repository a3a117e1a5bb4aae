"""Whoever tells metrics is asked for them."""

from pathlib import Path

import pytest

from deploy.native.stack import BUSY_DOORS, SERVICES, DoorsKind, Ports, Stack
from ops.scan.metrics import metric_addresses

PORTS = Ports(9000)
OF_SERVICES = {PORTS.service(name) for name in SERVICES}
OF_DOORS = {PORTS.doors(name) for name in BUSY_DOORS}


@pytest.mark.parametrize(
    ("doors", "ports"), [("shared", OF_SERVICES), ("own", OF_SERVICES | OF_DOORS)]
)
def test_every_process_is_asked_once(doors: DoorsKind, ports: set[int]) -> None:
    """Doors that are a process of their own tell metrics of their own; nobody is asked twice."""
    stack = Stack(home=Path("home"), ports=PORTS, doors=doors)
    asked = metric_addresses(stack)
    assert sorted(asked) == sorted(f"http://127.0.0.1:{port}/metrics" for port in ports)

"""One service's database as it was before, brought back alone, as from a dump of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.native import databases
from deploy.native.stack import Stack
from deploy.native.supervision import Supervisor


@contextmanager
def earlier_database(stack: Stack, service: str) -> Iterator[None]:
    """What happens inside is gone from the database afterwards, and the service started on it."""
    with _down(stack, service):
        _copy(stack, service, f"{service}_earlier")
    yield
    with _down(stack, service):
        databases.drop_database(stack, service)
        _copy(stack, f"{service}_earlier", service)
        databases.drop_database(stack, f"{service}_earlier")


@contextmanager
def _down(stack: Stack, service: str) -> Iterator[None]:
    supervisor = Supervisor(stack)
    supervisor.stop_one(service)
    yield
    supervisor.start_stopped((service,))


def _copy(stack: Stack, kept: str, name: str) -> None:
    kind = name.removesuffix("_earlier")
    databases.make_database(stack, name, visitors=databases.visitors(kind), template=kept)

"""Needs of a service that do what they are asked, and whose answer never comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from deploy.native.stack import Stack
from tests.faults.changed_parts import Change, changed, is_ready
from tests.faults.proxy import Proxy, proxied
from tests.faults.proxy_link import Snare
from tests.integration.libs.events.pieces import until

LOST_SECONDS = 180.0


@dataclass(frozen=True)
class Need:
    """What a service needs, how it is told where that is, and what a request for it looks like."""

    service: str
    setting: str
    mark: bytes


COMMIT = Need("quotes", "DATABASE_URL", b"COMMIT;")
CHOICE_COMMIT = Need("consent", "DATABASE_URL", b"COMMIT;")
LETTER = Need("consent", "SMTP_PORT", b"\r\n.\r\n")
DOCUMENT = Need("billing", "S3_ENDPOINT", b"PUT /")
DESTRUCTION = Need("retention", "KEYRING_URL", b"")


def port_of(stack: Stack, need: Need) -> int:
    """Where it is."""
    ports = {"SMTP_PORT": stack.ports.smtp, "S3_ENDPOINT": stack.ports.s3}
    return ports.get(need.setting, stack.ports.postgres)


def told(stack: Stack, need: Need, port: int) -> str:
    """The setting, for a port instead of the real one."""
    if need.setting == "SMTP_PORT":
        return f"{port}"
    if need.setting == "S3_ENDPOINT":
        return f"127.0.0.1:{port}"
    database = "keyring" if need.setting == "KEYRING_URL" else need.service
    url = stack.database_url(need.service, database)
    return url.replace(f":{stack.ports.postgres}/", f":{port}/")


@asynccontextmanager
async def behind(stack: Stack, need: Need) -> AsyncIterator[Proxy]:
    """The service at work with a proxy before this need."""
    async with proxied(port_of(stack, need)) as proxy:
        name = f"FLUX3D_{need.service.upper()}_{need.setting}"
        async with changed(stack, need.service, Change({name: told(stack, need, proxy.port)})):
            await is_ready(stack, need.service)
            yield proxy


async def lose(proxy: Proxy, mark: bytes, times: int, *, is_done: bool = True) -> None:
    """Wait until so many requests got no answer, though they were carried out, or never were."""
    snare = Snare(mark, lets_pass=is_done, times=times)
    proxy.snares.append(snare)

    async def all_caught() -> bool:
        return snare.caught >= times

    try:
        await until(all_caught, seconds=LOST_SECONDS)
    finally:
        proxy.snares.remove(snare)

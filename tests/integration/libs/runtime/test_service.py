"""A service waits for what it needs, says so, serves, and ends cleanly or loudly."""

import socket

import pytest

from deploy.native.stack import Stack
from tests.integration.libs.runtime.conftest import Start, forwarding

RSS_MEGABYTES_MAX = 120
NOBODY = "postgresql://quotes:CANARY@127.0.0.1:1/quotes"


async def test_service_serves_and_stops_cleanly_when_asked(start: Start) -> None:
    """Ready when everything is there, small, and gone with exit 0 on SIGTERM."""
    service = await start()
    await service.until("service_ready")
    ready = await service.http.get("/readyz")
    assert (ready.status_code, ready.json()["waiting_for"]) == (200, {})
    assert (await service.http.get("/api/small")).json() == {"says": "hello"}
    assert (await service.http.get("/api/evidence/quotes")).json()["service"] == "quotes"
    assert service.rss_megabytes() <= RSS_MEGABYTES_MAX
    assert await service.stop() == 0
    assert service.lines[-1]["event"] == "service_stopped"


async def test_service_is_alive_and_not_ready_while_its_database_is_away(start: Start) -> None:
    """It says what it waits for, in the log and at its door, and never with the password."""
    service = await start(FLUX3D_QUOTES_DATABASE_URL=NOBODY)
    line = await service.until("waiting")
    assert line["waiting_for"] == "database"
    assert (await service.http.get("/livez")).status_code == 200
    ready = await service.http.get("/readyz")
    assert ready.status_code == 503
    assert "database" in ready.json()["waiting_for"]
    assert await service.stop() == 0
    assert "CANARY" not in service.text + ready.text


async def test_service_goes_on_when_what_it_waited_for_arrives(start: Start, stack: Stack) -> None:
    """Start order does not matter: Kafka may come later than the service."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = await start(FLUX3D_QUOTES_KAFKA_SERVERS=f"127.0.0.1:{port}")
    line = await service.until("waiting")
    assert line["waiting_for"] == "kafka"
    async with forwarding(port, stack.kafka_servers):
        await service.until("service_ready")


async def test_timer_that_fails_is_logged_without_its_text(start: Start) -> None:
    """A bad turn is told by kind and place, and the service lives on."""
    service = await start()
    line = await service.until("timer_failed")
    assert (line["timer"], line["kind"]) == ("bad", "Unavailable")
    assert (await service.http.get("/livez")).status_code == 200
    await service.stop()
    assert "CANARY" not in service.text


async def test_part_that_breaks_brings_the_process_down(start: Start) -> None:
    """The supervisor is to start it again; the log says which part and what kind."""
    service = await start(SMALL_BREAKS="1")
    line = await service.until("part_failed")
    assert line["kind"] == "RuntimeError"
    assert await service.ended() == 1
    assert "CANARY" not in service.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"FLUX3D_QUOTES_HTTP_PROT": "1"}, "FLUX3D_QUOTES_HTTP_PROT"),
        ({"FLUX3D_ENVIRONMENT": "production"}, "real clock"),
        (
            {
                "FLUX3D_ENVIRONMENT": "production",
                "FLUX3D_CLOCK": "real",
                "FLUX3D_QUOTES_PUBLIC_URL": "http://localhost",
            },
            "https",
        ),
    ],
)
async def test_service_does_not_start_with_settings_that_are_wrong(
    start: Start, changed: dict[str, str], said: str
) -> None:
    """A misspelt variable, a movable clock or no TLS in production end it at once."""
    service = await start(**changed)
    assert await service.ended() != 0
    assert said in service.text
    assert "postgresql://" not in service.text


@pytest.mark.parametrize(("role", "doors", "bus"), [("http", 200, False), ("bus", 404, True)])
async def test_role_splits_doors_from_bus(
    start: Start, role: str, doors: int, *, bus: bool
) -> None:
    """Doors alone need no Kafka; the bus alone has only the doors of its own port."""
    changed = {} if bus else {"FLUX3D_QUOTES_KAFKA_SERVERS": "127.0.0.1:1"}
    service = await start(FLUX3D_ROLE=role, **changed)
    await service.until("service_ready")
    assert (await service.http.get("/readyz")).status_code == 200
    assert (await service.http.get("/api/small")).status_code == doors
    assert (await service.http.get("/metrics")).status_code == 200

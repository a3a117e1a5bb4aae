"""One service joined up: from its declaration to doors and parts that run and stop in order."""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from fastapi import FastAPI

from libs.doors.admission import Admission
from libs.doors.app import make_app
from libs.doors.bus_doors import bus_doors
from libs.doors.evidence import Evidence, evidence_doors
from libs.doors.keys import DoorKeys, read_door_secret
from libs.doors.operations import probe_doors
from libs.doors.operator_doors import operator_doors
from libs.doors.tokens import TokenVerifier
from libs.events.errors import Refused
from libs.events.inbox import Inbox
from libs.events.own_topic import OwnTopic
from libs.events.parking import Parking
from libs.events.postgres_log import PostgresLog
from libs.events.put_back import PutBack
from libs.events.refill import Refill
from libs.events.replay import Replay
from libs.keyring.journal_mark import PostgresJournalMark
from libs.keyring.openings import RecordErased
from libs.runtime.bus_side import BusSide, topics_of
from libs.runtime.crew import Crew
from libs.runtime.declared import Built, Declared
from libs.runtime.gate import Gate, ShutDoors
from libs.runtime.ground import Ground, Pools, make_ground, make_stamp
from libs.runtime.http_side import HttpServer
from libs.runtime.outbox_bound import LOOK_EVERY_SECONDS, OutboxBound
from libs.runtime.probes import (
    probe_database,
    probe_epoch_keys,
    probe_kafka,
    probe_keyring,
    probe_topics,
)
from libs.runtime.readiness import Readiness
from libs.runtime.settings import ServiceSettings, SharedSettings
from libs.runtime.status import Measures
from libs.runtime.timers import Timer, keep_time
from libs.runtime.waiting import wait_for
from libs.runtime.wakeup import hear_appends, tell_appends

LOG = structlog.get_logger("runtime")
FORGET_KEYS_EVERY_SECONDS = 5.0
REFUSALS_OF_ALL: Mapping[type[Refused], int] = {RecordErased: 410}


class Process:
    """One running service."""

    def __init__(
        self,
        declared: Declared,
        settings: ServiceSettings,
        shared: SharedSettings,
        pools: Pools,
        build: Callable[[Ground], Built],
    ) -> None:
        """Join everything up; nothing outside is touched yet."""
        self._declared = declared
        self._settings = settings
        self._shared = shared
        self._pools = pools
        self._stamp = make_stamp(declared.owner, shared)
        self._log = PostgresLog(
            pools.own, declared.owner, views=declared.views, effects=declared.effects
        )
        self.ground = make_ground(self._log, self._stamp, pools, settings, shared)
        self._built = build(self.ground)
        self._inbox = Inbox(self._log, self._stamp, self._built.reactions)
        self._crew = Crew()
        self._bus = BusSide(
            declared=declared,
            built=self._built,
            ground=self.ground,
            log=self._log,
            inbox=self._inbox,
            servers=settings.kafka_servers,
            crew=self._crew,
            instance=shared.instance,
        )
        self._gate = Gate(PostgresJournalMark(pools.keyring), self.ground.journal)
        self._measures = Measures(declared.owner, pools.own, self.ground.clock, self._bus.lag)
        self._outbox = OutboxBound(pools.own, shared.outbox_rows_max)
        self.app = self._make_app()

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping` is set.

        Raises: PartEnded, when a part ended by itself; everything is stopped in order first.
        """
        server = HttpServer(self.app, self._settings.http_port)
        self._crew.start("http", server.serve())
        self._crew.start("start", self._start_and_stay())
        LOG.info("service_up", role=self._shared.role, port=self._settings.http_port)
        asked = asyncio.create_task(stopping.wait())
        ended = asyncio.create_task(self._crew.first_end())
        try:
            await asyncio.wait([asked, ended], return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                ended.result()
        finally:
            asked.cancel()
            ended.cancel()
            await self._stop(server)

    async def _stop(self, server: HttpServer) -> None:
        LOG.info("service_stopping")
        await self._crew.finish("http", server.stop)
        await self._crew.dismiss_all()
        LOG.info("service_stopped")

    async def _forget_keys(self) -> None:
        """Keys that nobody asks for leave memory when their time is over."""
        self.ground.keyring.forget_old_keys()

    async def _start_and_stay(self) -> None:
        forgetting = Timer("keys", FORGET_KEYS_EVERY_SECONDS, self._forget_keys)
        self._crew.start("timer keys", keep_time(forgetting))
        await wait_for("keyring", probe_keyring(self._pools.keyring))
        await wait_for("gate", self._gate.probe)
        self._crew.start("gate", self._gate.look_again())
        await wait_for("database", probe_database(self._pools.own))
        counting = Timer("outbox", LOOK_EVERY_SECONDS, self._outbox.look)
        self._crew.start("timer outbox", keep_time(counting))
        if self._shared.role != "http":
            topics = topics_of(self._declared)
            await wait_for("kafka", probe_topics(self._settings.kafka_servers, topics))
            await self._bus.start(self._measures)
            self._crew.start("wakeup", hear_appends(self._log.appended, self._settings.http_port))
        elif self._settings.wakes_port is not None:
            self._crew.start("wakeup", tell_appends(self._log.appended, self._settings.wakes_port))
        LOG.info("service_ready", role=self._shared.role)
        await asyncio.Event().wait()

    def _readiness(self) -> Readiness:
        parts = {
            "database": probe_database(self._pools.own),
            "keyring": probe_keyring(self._pools.keyring),
            "epoch keys": probe_epoch_keys(self.ground.epoch_keys),
            "gate": self._gate.ready,
        }
        if self._shared.role != "http":
            parts["kafka"] = probe_kafka(self._settings.kafka_servers)
            parts["bus"] = self._bus.probe
        return Readiness(parts)

    def _make_app(self) -> FastAPI:
        owner, ground = self._declared.owner, self.ground
        parking = Parking(self._inbox, self._log, self._stamp)
        replay = Replay(self._log, self._settings.kafka_servers)
        own_topic = OwnTopic(self._settings.kafka_servers, owner)
        routers = []
        if self._shared.role != "bus":  # first, as an address is looked for in this order
            evidence = Evidence(ground.policy, owner, self._built.evidence)
            routers += [self._built.router, evidence_doors(evidence, owner)]
        routers += [
            probe_doors(self._readiness()),
            operator_doors(parking, replay, self._measures),
            bus_doors(Refill(self._log), self._bus, PutBack(self._log, own_topic)),
        ]
        app = make_app(
            f"Flux3D {owner}",
            routers,
            keys=_door_keys(ground),
            refusals={**REFUSALS_OF_ALL, **self._built.refusals},
        )
        app.add_middleware(Admission, filled=self._outbox.filled)
        app.add_middleware(ShutDoors, gate=self._gate)
        return app


def _door_keys(ground: Ground) -> DoorKeys:
    return DoorKeys(
        clock=ground.clock,
        tokens=TokenVerifier.from_file(ground.secrets_dir / "token-verify.pem"),
        pool=ground.pool,
        secret=read_door_secret(ground.secrets_dir, ground.owner),
    )

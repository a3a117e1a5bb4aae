"""What a process does away from its doors: relay, inbox, effects and timers."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog

from libs.events.bus import BegunAnew, Ear, make_broker
from libs.events.catalogue import topic_of
from libs.events.effects import EffectsWorker
from libs.events.errors import Unavailable
from libs.events.hearing_stop import HearingStopped, Stop, current_stop
from libs.events.inbox import Inbox
from libs.events.own_topic import LogIsBehind, OwnTopic
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES
from libs.events.refill import HeardAnew, NotHeardHere, forget_places
from libs.events.relay import Relay, make_producer
from libs.events.same_topic import TopicIsAnother
from libs.runtime.crew import Crew
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground
from libs.runtime.status import Measures
from libs.runtime.timers import Timer, keep_time
from libs.runtime.waiting import wait_for

LOG = structlog.get_logger("runtime")
MEASURE_EVERY_SECONDS = 5.0
FORGET_EVERY_SECONDS = 600.0
ANSWERS_KEPT = timedelta(hours=24)
LOOK_EVERY_SECONDS = 1.0
LOOK_AT_ENDS_SECONDS = 5.0
STOP_SECONDS = 10.0


@dataclass
class BusSide:
    """The parts of one process that work by themselves; started once everything is there."""

    declared: Declared
    built: Built
    ground: Ground
    log: PostgresLog
    inbox: Inbox
    servers: str
    crew: Crew
    instance: str = "0"
    ear: Ear | None = None
    stop: Stop | None = None
    another: str | None = None
    behind: str | None = None
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    _anew: asyncio.Event = field(default_factory=asyncio.Event)

    def lag(self) -> dict[str, int]:
        """Messages not yet taken in, by topic; nothing where nobody listens."""
        return self.ear.measure_lag() if self.ear else {}

    async def start(self, measures: Measures) -> None:
        """Start every part; the relay first, so that it is the last to stop.

        Why:    a log that lies behind its own topic is to decide nothing anew from what it hears
                or by the clock: it would say again, under other ids, what was said already.
        Raises: ValueError, when an effect is owed that nobody carries out.
        """
        _every_effect_has_a_worker(self.declared, self.built)
        own_topic = OwnTopic(self.servers, self.declared.owner)
        relay = Relay(self.log, make_producer(self.servers), own_topic=own_topic)
        self.crew.start("relay", relay.run())
        await wait_for("own topic", partial(self._look_at, own_topic))
        for act in self.built.at_start:
            await wait_for("what the first acts need", act)
        worker = EffectsWorker(self.log, self.built.effects)
        self.crew.start("effects", worker.run())
        for timer in (*self.built.timers, *_own_timers(self.ground, self.built, measures)):
            self.crew.start(f"timer {timer.name}", keep_time(timer))
        if self.declared.hears:
            self.crew.start("inbox", self._listen())
        self.has_begun.set()

    async def _look_at(self, own_topic: OwnTopic) -> None:
        self.behind = None
        try:
            await own_topic.check(self.ground.pool)
        except LogIsBehind as error:
            self.behind = str(error)
            raise

    async def _listen(self) -> None:
        """Listen, except while hearing is stopped; the doors stay open meanwhile."""
        while True:
            self._anew.clear()
            await self._wait_while_stopped()
            try:
                await self._listen_until_failed()
            except TopicIsAnother as error:
                self.another = str(error)
                await self._anew.wait()
                self.another = None
            except BegunAnew:
                LOG.info("hearing_begins_anew")
            except HearingStopped as error:
                LOG.error("hearing_waits_for_operator", detail=str(error))  # noqa: TRY400 - no fault of ours to trace

    async def hear_anew(self, topic: str, *, by: str) -> HeardAnew:
        """Hear a topic from its beginning; what was taken in is known by record and version.

        Raises: NotHeardHere, when this process does not hear the topic.
        """
        heard = [topic_of(owner) for owner in self.declared.hears]
        if topic not in heard or not self.crew.runs("inbox"):
            message = f"this process does not hear {topic}; it hears {', '.join(heard) or 'nobody'}"
            raise NotHeardHere(message)
        found = await forget_places(self.log, topic, by=by, clock=self.ground.clock)
        self._anew.set()
        if self.ear is not None:
            self.ear.begin_anew()
        return found

    async def _wait_while_stopped(self) -> None:
        """Wait until an operator resumed; also after a restart, so that none hides the stop."""
        while True:
            try:
                with database_errors():
                    self.stop = await current_stop(self.ground.pool)
            except Unavailable as error:
                LOG.warning("stop_not_known", reason=str(error))
            else:
                if self.stop is None:
                    return
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _listen_until_failed(self) -> None:
        broker = make_broker(self.servers)
        topics = [topic_of(owner) for owner in self.declared.hears]
        self.ear = Ear(
            broker,
            self.inbox,
            group=self.declared.owner,
            topics=topics,
            instance=self.instance,
        )
        try:
            await broker.start()
            self.ear.attend()
            while not self.ear.failed.done():
                await asyncio.wait([self.ear.failed], timeout=LOOK_AT_ENDS_SECONDS)
                await self.ear.look_at_ends()
            self.ear.failed.result()
        finally:
            self.ear = None
            # A client that broke may never say that it is put away.
            await asyncio.wait_for(broker.stop(), STOP_SECONDS)

    async def probe(self) -> None:
        """Whether relay and inbox are at work.

        Raises: Unavailable, saying which is not.
        """
        if self.behind is not None:
            raise Unavailable(self.behind)
        if not self.has_begun.is_set() or not self.crew.runs("relay"):
            message = "the relay does not run yet"
            raise Unavailable(message)
        if self.stop is not None:
            raise Unavailable(str(self.stop))
        if self.another is not None:
            raise Unavailable(self.another)
        if self.declared.hears and not (self.ear and self.ear.assigned.is_set()):
            message = "the inbox has no partitions yet"
            raise Unavailable(message)


def topics_of(declared: Declared) -> list[str]:
    """The topics a service needs: its own and those it hears."""
    return sorted({topic_of(owner) for owner in (declared.owner, *declared.hears)})


def _own_timers(ground: Ground, built: Built, measures: Measures) -> list[Timer]:
    async def measure() -> None:
        await measures.refresh()
        for gauge in built.gauges:
            await gauge()

    async def forget_answers() -> None:
        with database_errors():
            before = ground.clock.now() - ANSWERS_KEPT
            await ground.pool.execute(QUERIES["forget_answers"], before)

    return [
        Timer("measures", MEASURE_EVERY_SECONDS, measure),
        Timer("answers", FORGET_EVERY_SECONDS, forget_answers),
    ]


def _every_effect_has_a_worker(declared: Declared, built: Built) -> None:
    owed = {effect for effects in declared.effects.values() for effect in effects}
    missing = sorted(owed - built.effects.keys())
    if missing:
        message = f"nobody carries out the effects {', '.join(missing)}"
        raise ValueError(message)

"""The flow of a rebuild that is switched: a view is built anew from Kafka and takes its place."""

import asyncpg

from libs.events.postgres_log import PostgresLog
from libs.events.replay import Replay
from libs.events.replay_wanted import Wanted
from libs.events.values import Owner
from services.quotes.main import DECLARED
from tests.faults.every_step.bus import OnTopic
from tests.faults.every_step.calls import Calls

VIEW = "quote_status"


async def switch(ground: OnTopic, _: object, calls: Calls) -> None:
    """Rebuild the view of quotes and put it in the place of the live one."""
    async with asyncpg.create_pool(ground.parts.databases["quotes"].url(), min_size=0) as pool:
        log = PostgresLog(pool, Owner.QUOTES, views=DECLARED.views)
        replay = Replay(log, ground.parts.stack.kafka_servers, topic=ground.topic)
        with calls.counted():
            async for _progress in replay.run(Wanted(view=VIEW, mode="switch")):
                pass

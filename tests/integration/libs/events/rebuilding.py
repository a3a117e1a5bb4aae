"""Rebuilds of the little view from a topic of a test."""

from libs.events.replay import Replay
from libs.events.replay_wanted import Mode, ReplayProgress, Wanted
from tests.integration.libs.events.pieces import Service, Topic


async def rebuild(service: Service, topic: Topic, mode: Mode) -> ReplayProgress:
    """What a rebuild of the view found at its end."""
    replay = Replay(service.log, topic.servers, topic=topic.name)
    wanted = Wanted(view="little", mode=mode)
    return [progress async for progress in replay.run(wanted)][-1]

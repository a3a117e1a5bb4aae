"""Rebuilds of the little view from a topic of a test."""

from libs.events.replay import Mode, Replay, ReplayProgress
from tests.integration.libs.events.pieces import Service, Topic


async def rebuild(service: Service, topic: Topic, mode: Mode) -> ReplayProgress:
    """What a rebuild of the view found at its end."""
    replay = Replay(service.log, topic.servers, topic=topic.name)
    found = [progress async for progress in replay.run("little", mode)]
    return found[-1]

"""What a refill reports, while facts go on being said."""

import pytest

from deploy.native.stack import Stack
from deploy.native.topics import Topic, declared
from ops import refilling


def test_what_is_said_during_the_count_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """P40: facts are counted before they are sent and messages after, so none seems lost."""
    said = {"facts": 14, "messages": 0}

    async def count_facts(_: Stack, topics: list[Topic]) -> dict[str, int]:
        return {one.owner: said["facts"] for one in topics}

    async def count_messages(_: str, names: list[str]) -> dict[str, int]:
        return dict.fromkeys(names, said["messages"])

    def wait_until_sent(_: Stack, __: str) -> None:
        said["messages"] = said["facts"]
        said["facts"] += 1  # said after its service was asked, and not yet sent

    monkeypatch.setattr(refilling, "_count_facts", count_facts)
    monkeypatch.setattr(refilling, "count_messages", count_messages)
    monkeypatch.setattr(refilling, "wait_until_sent", wait_until_sent)
    found = refilling.look_when_sent(Stack.from_environment(), declared())
    assert all(one["held"] >= one["facts"] for one in found)

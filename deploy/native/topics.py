"""Topics: declared in deploy/topics.yaml, made when missing, refused when they differ, or anew."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from ruamel.yaml import YAML

from deploy.native.failure import StackError
from deploy.native.stack import DEPLOY

DECLARED = DEPLOY / "topics.yaml"
ALREADY_EXISTS = 36
SHOWN_LOOKS = 50
SHOWN_LOOK_SECONDS = 0.1
LOOKS = 100
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as declared."""

    name: str
    partitions: int
    owner: str
    configuration: dict[str, str] = field(default_factory=dict)


def declared(path: Path = DECLARED) -> list[Topic]:
    """The topics of the file."""
    rows = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["topics"]
    return [
        Topic(row["name"], row["partitions"], row["owner"], dict(row["configuration"]))
        for row in rows
    ]


async def prepare_topics(servers: str, topics: list[Topic]) -> None:
    """Make the topics that are missing and check the ones that are there.

    Raises: StackError, when one cannot be made or is not as declared.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await _make(admin, topics)
        await _check_partitions(admin, topics)
        await _check_configuration(admin, topics)
    finally:
        await admin.close()


async def _make(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    wanted = [
        NewTopic(one.name, one.partitions, 1, topic_configs=one.configuration) for one in topics
    ]
    answer = await admin.create_topics(wanted)
    # The client does not raise for a topic that was refused: the answer says so, topic by topic.
    for name, code, reason in answer.topic_errors:
        if code not in (0, ALREADY_EXISTS):
            raise StackError(
                what=f"Kafka refused topic {name}: {reason}", remedy="Mend topics.yaml"
            )


async def _check_partitions(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    seen = await _count_partitions(admin, [one.name for one in topics])
    for one in topics:
        if seen[one.name] != one.partitions:
            raise StackError(
                what=f"Topic {one.name} has {seen[one.name]} partitions, not {one.partitions}",
                remedy="Nothing was changed: more partitions would break the order of a record",
            )


async def _count_partitions(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """The partitions of each topic; a topic just made is looked at again until it shows some."""
    seen: dict[str, int] = {}
    for _ in range(SHOWN_LOOKS):
        rows = await admin.describe_topics(names)
        seen = {row["topic"]: len(row["partitions"]) for row in rows}
        if all(seen.values()):
            break
        await asyncio.sleep(SHOWN_LOOK_SECONDS)
    return seen


async def _check_configuration(admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    resources = [ConfigResource(ConfigResourceType.TOPIC, one.name) for one in topics]
    seen: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for resource in response.resources:
            seen[resource[3]] = {entry[0]: entry[1] for entry in resource[4]}
    for one in topics:
        for key, value in one.configuration.items():
            if seen[one.name].get(key) != value:
                raise StackError(
                    what=f"Topic {one.name} has {key}={seen[one.name].get(key)}, not {value}",
                    remedy="Nothing was changed; set it by hand or mend topics.yaml",
                )


async def make_topic_anew(servers: str, topic: Topic) -> None:
    """Remove a topic with all it holds, if it is there, and make it again, empty.

    Raises: StackError, when Kafka does not let go of it or refuses it.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        if topic.name in await admin.list_topics():
            await admin.delete_topics([topic.name])
            await _wait_for_partitions(admin, topic.name, 0)
        await _make(admin, [topic])
        await _wait_for_partitions(admin, topic.name, topic.partitions)
        await _check_configuration(admin, [topic])
    finally:
        await admin.close()


async def _wait_for_partitions(admin: AIOKafkaAdminClient, name: str, count: int) -> None:
    """Wait until the broker itself shows what it was told."""
    for _ in range(LOOKS):
        (row,) = await admin.describe_topics([name])
        if len(row["partitions"]) == count:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise StackError(
        what=f"Kafka does not show {count} partitions of {name}", remedy="Read logs/kafka.log"
    )


async def count_messages(servers: str, names: list[str]) -> dict[str, int]:
    """How many messages lie on each topic, by the ends of its partitions."""
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=servers, enable_auto_commit=False)
    await consumer.start()
    try:
        counts = dict.fromkeys(names, 0)
        places = [
            TopicPartition(name, number)
            for name in names
            for number in consumer.partitions_for_topic(name) or ()
        ]
        begins = await consumer.beginning_offsets(places)
        for place, end in (await consumer.end_offsets(places)).items():
            counts[place.topic] += end - begins[place]
        return counts
    finally:
        await consumer.stop()

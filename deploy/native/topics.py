"""Topics: declared in deploy/topics.yaml, made when missing, refused when they differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from ruamel.yaml import YAML

from deploy.native.failure import StackError
from deploy.native.stack import DEPLOY

DECLARED = DEPLOY / "topics.yaml"
ALREADY_EXISTS = 36


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
    seen = {
        row["topic"]: len(row["partitions"])
        for row in await admin.describe_topics([one.name for one in topics])
    }
    for one in topics:
        if seen[one.name] != one.partitions:
            raise StackError(
                what=f"Topic {one.name} has {seen[one.name]} partitions, not {one.partitions}",
                remedy="Nothing was changed: more partitions would break the order of a record",
            )


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

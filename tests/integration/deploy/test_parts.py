"""Kafka's topics, the buckets and the mail sink, each met with its own client."""

from __future__ import annotations

import io
import os
import smtplib
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError
from minio.error import S3Error

from deploy.native.buckets import client
from deploy.native.failure import StackError
from deploy.native.stack import BUCKETS, Stack
from deploy.native.topics import Topic, declared, prepare_topics


async def test_declared_topics_are_there_as_declared(stack: Stack) -> None:
    """Preparing twice changes nothing and finds nothing amiss."""
    await prepare_topics(stack.kafka_servers, declared())


async def test_topic_with_other_partitions_is_refused(
    stack: Stack, topic: Callable[[int], Awaitable[str]]
) -> None:
    """More partitions would break the order of a record, so nobody gets them by accident."""
    name = await topic(2)
    with pytest.raises(StackError, match="has 2 partitions, not 3"):
        await prepare_topics(stack.kafka_servers, [Topic(name, 3, "test")])


async def test_topic_with_another_term_is_refused(
    stack: Stack, topic: Callable[[int], Awaitable[str]]
) -> None:
    """A topic that forgets is not taken for one that keeps."""
    wanted = Topic(await topic(1), 1, "test", {"retention.ms": "1000"})
    with pytest.raises(StackError, match=r"has retention\.ms=-1, not 1000"):
        await prepare_topics(stack.kafka_servers, [wanted])


async def test_topic_that_kafka_refuses_is_an_error(stack: Stack) -> None:
    """The client reports a refused topic without raising; we raise."""
    with pytest.raises(StackError, match="Kafka refused topic not/allowed"):
        await prepare_topics(stack.kafka_servers, [Topic("not/allowed", 1, "test")])


async def test_topics_are_never_made_by_writing(stack: Stack) -> None:
    """A misspelt topic fails instead of coming to be."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_servers, request_timeout_ms=2000)
    await producer.start()
    with pytest.raises((UnknownTopicOrPartitionError, KafkaTimeoutError)):
        await producer.send_and_wait("never.declared", b"x")
    await producer.stop()


@pytest.mark.parametrize("bucket", BUCKETS)
def test_removed_object_leaves_nothing(stack: Stack, bucket: str) -> None:
    """Versions are off: a removal removes the bytes, and no marker hides them."""
    store, content = client(stack), os.urandom(64)
    store.put_object(bucket_name=bucket, object_name="x", data=io.BytesIO(content), length=64)
    store.remove_object(bucket_name=bucket, object_name="x")
    assert not [one for one in (stack.home / "bucket").rglob("*") if _holds(one, content)]
    with pytest.raises(S3Error, match="NoSuchKey"):
        store.stat_object(bucket_name=bucket, object_name="x")


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and content in path.read_bytes()


def test_mail_arrives_as_one_whole_file(stack: Stack) -> None:
    """When the sender hears 250, the message is in the mailbox."""
    message = EmailMessage()
    message["Message-ID"] = make_msgid(domain="example.org")
    message["Subject"] = f"probe {os.getpid()}"
    message["From"], message["To"] = "from@example.org", "to@example.org"
    message.set_content("привет")
    with smtplib.SMTP("127.0.0.1", stack.ports.smtp) as line:
        line.send_message(message)
    files = [path.read_text() for path in stack.mailbox.glob("*.eml")]
    assert len([text for text in files if f"probe {os.getpid()}" in text]) == 1

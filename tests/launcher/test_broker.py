"""The embedded broker against aiokafka, with the settings that the relay and the consumers use."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from launcher.engines.broker import EmbeddedBroker, EmbeddedBrokerProcess

PRODUCE = 0
NOT_ENOUGH_REPLICAS = 19

pytestmark = pytest.mark.usefixtures("loopback")


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as started:
        yield started


@asynccontextmanager
async def a_producer(bootstrap_servers: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers, enable_idempotence=True, acks="all", retry_backoff_ms=5
    ) as producer:
        yield producer


@asynccontextmanager
async def a_reader(bootstrap_servers: str, topic: str, partition: int = 0) -> AsyncIterator[AIOKafkaConsumer]:
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, enable_auto_commit=False, auto_offset_reset="none", fetch_max_wait_ms=5
    ) as consumer:
        consumer.assign([TopicPartition(topic, partition)])
        yield consumer


async def test_a_topic_has_the_partitions_it_was_created_with(broker: EmbeddedBroker) -> None:
    broker.create_topic("flags", 32)
    broker.create_topic("flags", 4)
    async with a_producer(broker.bootstrap_servers) as producer:
        assert await producer.partitions_for("flags") == set(range(32))


async def test_a_reader_continues_at_the_offset_it_remembers(broker: EmbeddedBroker) -> None:
    broker.create_topic("flags", 2)
    async with a_producer(broker.bootstrap_servers) as producer:
        for number in range(3):
            headers = [("ce_id", b"%d" % number)]
            await producer.send_and_wait("flags", b"value", key=b"key", partition=1, headers=headers)
    async with a_reader(broker.bootstrap_servers, "flags", 1) as consumer:
        consumer.seek(TopicPartition("flags", 1), 1)
        message = await consumer.getone()
    assert (message.offset, message.key, list(message.headers)) == (1, b"key", [("ce_id", b"1")])


async def test_a_group_forms_without_the_usual_delay_of_three_seconds(broker: EmbeddedBroker) -> None:
    broker.create_topic("flags", 4)
    async with (
        a_producer(broker.bootstrap_servers) as producer,
        AIOKafkaConsumer(
            "flags", bootstrap_servers=broker.bootstrap_servers, group_id="town", auto_offset_reset="earliest"
        ) as consumer,
    ):
        await producer.send_and_wait("flags", b"value")
        message = await asyncio.wait_for(consumer.getone(), timeout=2)
        await consumer.commit()
    assert message.value == b"value"


async def test_an_injected_error_is_retried_and_the_message_written_once(broker: EmbeddedBroker) -> None:
    broker.create_topic("flags", 1)
    async with a_producer(broker.bootstrap_servers) as producer:
        await producer.send_and_wait("flags", b"first")
        broker.inject_errors(PRODUCE, [NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS])
        second = await producer.send_and_wait("flags", b"second")
        third = await producer.send_and_wait("flags", b"third")
    assert (second.offset, third.offset) == (1, 2)


async def test_an_outage_keeps_the_log(broker: EmbeddedBroker) -> None:
    broker.create_topic("flags", 1)
    async with a_producer(broker.bootstrap_servers) as producer:
        await producer.send_and_wait("flags", b"before")
        broker.go_down()
        sending = asyncio.ensure_future(producer.send_and_wait("flags", b"during"))
        done, _ = await asyncio.wait([sending], timeout=0.1)
        assert not done
        broker.come_up()
        assert (await sending).offset == 1


async def test_deleted_records_move_the_beginning_of_the_log(broker: EmbeddedBroker) -> None:
    broker.create_topic("flags", 1)
    async with a_producer(broker.bootstrap_servers) as producer:
        for _ in range(3):
            await producer.send_and_wait("flags", b"value")
    broker.delete_records("flags", 0, before=2)
    place = TopicPartition("flags", 0)
    async with a_reader(broker.bootstrap_servers, "flags") as consumer:
        assert await consumer.beginning_offsets([place]) == {place: 2}
        assert await consumer.end_offsets([place]) == {place: 3}


async def test_a_deleted_topic_begins_anew(broker: EmbeddedBroker) -> None:
    for _ in range(2):
        broker.create_topic("flags", 1)
        async with a_producer(broker.bootstrap_servers) as producer:
            assert (await producer.send_and_wait("flags", b"value")).offset == 0
        broker.delete_topic("flags")


async def test_two_brokers_share_the_partitions() -> None:
    with EmbeddedBroker(brokers=2) as pair:
        pair.create_topic("flags", 4)
        assert len(pair.bootstrap_servers.split(",")) == 2
        async with a_producer(pair.bootstrap_servers) as producer:
            offsets = [(await producer.send_and_wait("flags", b"v", partition=n)).offset for n in range(4)]
        assert offsets == [0, 0, 0, 0]


async def test_the_broker_in_its_own_process_has_its_topics() -> None:
    with EmbeddedBrokerProcess({"flags": 32, "flags.state": 7}) as broker:
        async with a_producer(broker.bootstrap_servers) as producer:
            assert len(await producer.partitions_for("flags")) == 32
            assert len(await producer.partitions_for("flags.state")) == 7


STARTER = """
import signal
from launcher.engines.broker import EmbeddedBrokerProcess
with EmbeddedBrokerProcess({}) as broker:
    print(broker.pid, flush=True)
    signal.pause()
"""


def test_the_broker_process_ends_with_a_killed_starter() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        ended = os.pidfd_open(int(starter.stdout.readline()))
        starter.send_signal(signal.SIGKILL)
    assert_readable_soon(ended)


def assert_readable_soon(descriptor: int) -> None:
    """A process descriptor becomes readable when its process ends."""
    import select

    with os.fdopen(descriptor) as process:
        assert select.select([process], [], [], 10)[0]

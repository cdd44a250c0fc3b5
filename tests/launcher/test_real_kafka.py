"""A real Apache Kafka with three brokers: what it acknowledged survives the loss of one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from launcher.engines import jars
from launcher.engines.errors import EngineInUse, PrerequisiteMissing
from launcher.engines.kafka import RealKafka
from tests.engines import Topics
from tests.waiting import eventually


@pytest.mark.live
@pytest.mark.timeout(240)
async def test_producing_goes_on_while_one_broker_of_three_is_killed(real_kafka: RealKafka, live_kafka: Topics) -> None:
    await live_kafka.create_topics("relief")
    topic = f"{live_kafka.prefix}shouwang.relief"
    sent = 0
    async with AIOKafkaProducer(
        bootstrap_servers=live_kafka.bootstrap_servers, enable_idempotence=True, acks="all"
    ) as producer:

        async def produce(count: int) -> None:
            nonlocal sent
            for _ in range(count):
                await producer.send_and_wait(topic, b"%d" % sent, partition=sent % 4)
                sent += 1

        await produce(40)
        real_kafka.kill(1)
        await produce(40)
        await asyncio.to_thread(real_kafka.restart, 1)
        await produce(40)
    assert await _everything_in(live_kafka.bootstrap_servers, topic) == {
        partition: [b"%d" % number for number in range(partition, sent, 4)] for partition in range(4)
    }


async def _everything_in(bootstrap_servers: str, topic: str) -> dict[int, list[bytes]]:
    places = [TopicPartition(topic, number) for number in range(4)]
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest") as consumer:
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        read: dict[int, list[bytes]] = {place.partition: [] for place in places}
        while any(len(read[place.partition]) < ends[place] for place in places):
            message = await consumer.getone()
            read[message.partition].append(message.value)
    return read


async def _described(admin: AIOKafkaAdminClient, wanted: list[ConfigResource]) -> list[Any] | None:
    found = [resource for answer in await admin.describe_configs(wanted) for resource in answer.resources]
    return None if any(resource[0] for resource in found) else found


async def _placed(admin: AIOKafkaAdminClient, names: list[str]) -> list[Any] | None:
    found = await admin.describe_topics(names)
    return None if any(topic["error_code"] for topic in found) else found


@pytest.mark.live
@pytest.mark.timeout(240)
async def test_state_topics_are_compacted_and_public_ones_are_not(live_kafka: Topics) -> None:
    await live_kafka.create_topics("assets")
    await live_kafka.create_topics("assets")
    names = [f"{live_kafka.prefix}shouwang.assets", f"{live_kafka.prefix}shouwang.assets.state"]
    admin = AIOKafkaAdminClient(bootstrap_servers=live_kafka.bootstrap_servers)
    await admin.start()
    try:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name, {"cleanup.policy": None}) for name in names]
        # A broker hears of a new topic a moment after the one that made it.
        described = await eventually(lambda: _described(admin, wanted))
        topics = await eventually(lambda: _placed(admin, names))
    finally:
        await admin.close()
    policies = {resource[3]: resource[4][0][1] for resource in described}
    assert policies == dict(zip(names, ["delete", "compact"], strict=True))
    assert {(len(topic["partitions"]), len(topic["partitions"][0]["replicas"])) for topic in topics} == {(4, 3)}


@pytest.mark.live
def test_a_directory_in_use_is_refused(real_kafka: RealKafka) -> None:
    with pytest.raises(EngineInUse):
        RealKafka(real_kafka.directory).start()


@pytest.mark.live
@pytest.mark.timeout(240)
async def test_a_single_broker_keeps_its_log_over_a_restart(engines_directory: Path, loopback: None) -> None:
    kafka = RealKafka(engines_directory / "kafka-single", brokers=1)
    with kafka:
        await kafka.create_topic("town", 1, compacted=False)
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
            assert (await producer.send_and_wait("town", b"first")).offset == 0
    with kafka:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
            assert (await producer.send_and_wait("town", b"second")).offset == 1


def a_program(directory: Path, name: str, script: str) -> None:
    program = directory / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_a_machine_without_java_is_told_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrerequisiteMissing, match="Java 17") as missing:
        RealKafka(tmp_path / "kafka").start()
    assert "Java 17" in missing.value.message_zh
    assert "\n" not in missing.value.message_zh + missing.value.message_en


@pytest.mark.parametrize(("version", "accepted"), [("1.8.0_412", False), ("16.0.2", False), ("17.0.1", True)])
def test_java_17_is_the_oldest_that_is_accepted(
    version: str, accepted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_program(tmp_path, "java", f"echo 'openjdk version \"{version}\"' >&2")
    monkeypatch.setenv("PATH", str(tmp_path))
    if accepted:
        assert jars.java() == str(tmp_path / "java")
    else:
        with pytest.raises(PrerequisiteMissing):
            jars.java()


def test_a_machine_without_maven_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrerequisiteMissing, match="mvn"):
        jars.kafka_jars(tmp_path / "cache")


def test_a_failed_fetch_leaves_nothing_that_looks_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(tmp_path, "mvn", "echo no such host; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    for _ in range(2):
        with pytest.raises(PrerequisiteMissing, match=r"\.log"):
            jars.kafka_jars(tmp_path / "cache")
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".log"]


def test_fetched_jars_are_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(tmp_path, "mvn", 'for word; do case $word in -DoutputDirectory=*) /bin/mkdir "${word#*=}";; esac; done')
    monkeypatch.setenv("PATH", str(tmp_path))
    fetched = jars.kafka_jars(tmp_path / "cache")
    (tmp_path / "mvn").unlink()
    assert jars.kafka_jars(tmp_path / "cache") == fetched
    assert fetched.is_dir()

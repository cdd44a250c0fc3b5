"""A reader ends equal to its source, row for row, whatever became of the log between them."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka import partitions
from chassis.projection_drop import drop_projections
from contracts.events.envelope import state_topic
from launcher.engines.broker import EmbeddedBroker
from launcher.topics import EMBEDDED_PARTITIONS
from tests.engines import PARTITIONS, Topics
from tests.many_things import change_many, equals_source
from tests.things import (
    READER,
    SOURCE,
    Process,
    StartProcess,
    ended,
    nothing_pending,
    reader_service,
    source_service,
    topics_of,
)
from tests.waiting import eventually

THINGS = 400
NOTHING_OPEN = """
select count(*) filter (where healed_at is null) = 0 and count(*) = count(*) filter (where healed_at > found_at)
from chassis.log_findings
"""


async def equal(reader: Process, source: Process, *, within: float = 30) -> None:
    await eventually(lambda: equals_source(reader, source), within=within)


async def test_a_database_created_after_a_hundred_thousand_events_ends_equal(
    start_process: StartProcess, kafka: Topics
) -> None:
    await kafka.create_topics(SOURCE, READER, partitions=EMBEDDED_PARTITIONS)
    source = await start_process(source_service, kafka, heartbeat_s=1)
    for _ in range(4):
        await change_many(source, 25_000, told=50)
    await eventually(lambda: nothing_pending(source), within=120)
    assert await source.value("select count(*) from chassis.outbox") == 100_200
    reader = await start_process(reader_service, kafka, heartbeat_s=1)
    await equal(reader, source, within=120)
    # It asked for the state as well, in case the log was newer than its source; the answer changes nothing.
    await eventually(lambda: _answered(source), within=30)
    assert await equals_source(reader, source)
    assert await reader.findings() == set()


async def _answered(source: Process) -> bool:
    finished = await source.value(
        "select exists (select from chassis.operations where kind = 'republish-state' and state = 'succeeded')"
    )
    return bool(finished) and await nothing_pending(source)


async def _ends(topics: Topics, reader: Process) -> dict[tuple[str, int], int]:
    async with AIOKafkaConsumer(bootstrap_servers=topics.bootstrap_servers) as consumer:
        names = [row["topic"] for row in await reader.fetch("select distinct topic from chassis.positions")]
        places = await partitions(reader.runtime.settings, names)
        return {(place.topic, place.partition): end for place, end in (await consumer.end_offsets(places)).items()}


async def _remembered(reader: Process) -> dict[tuple[str, int], int]:
    rows = await reader.fetch("select topic, partition, next_offset from chassis.positions")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


@pytest.mark.parametrize("longer", [True, False], ids=["longer", "shorter"])
async def test_a_broker_replaced_by_another_is_recognised_reported_and_healed(
    start_process: StartProcess, loopback: None, topic_prefix: str, longer: bool
) -> None:
    with EmbeddedBroker() as first, EmbeddedBroker() as second:
        old, new = topics_of(first, topic_prefix), topics_of(second, topic_prefix)
        await old.create_topics(SOURCE, READER)
        await new.create_topics(SOURCE, READER)
        source = await start_process(source_service, old)
        reader = await start_process(reader_service, old)
        await change_many(source, THINGS, told=THINGS)
        await equal(reader, source)
        await reader.stop()
        # Said to the first broker, and gone with it before it was read.
        await change_many(source, THINGS, told=THINGS // 2)
        await eventually(lambda: nothing_pending(source))
        await source.stop()

        source = await start_process(source_service, new, url=source.url)
        reader = await start_process(reader_service, new, url=reader.url, worker=False)
        remembered = await _remembered(reader)
        await change_many(source, 10, told=10)
        while longer and any(end <= remembered[place] for place, end in (await _ends(new, reader)).items()):
            await change_many(source, THINGS, told=THINGS)
            await eventually(lambda: nothing_pending(source))
        await eventually(lambda: nothing_pending(source))
        ends = await _ends(new, reader)
        assert {end > remembered[place] for place, end in ends.items()} == {longer}
        reader.start()
        await equal(reader, source)
        assert await reader.findings() - {"gap"} == {"log-replaced"}
        places = await reader.fetch(
            "select distinct topic, partition from chassis.log_findings where kind = 'log-replaced'"
        )
        assert {tuple(row) for row in places} == set(ends)
        await eventually(lambda: reader.value(NOTHING_OPEN))
        assert await reader.value("select count(*) from chassis.positions where missing_since is not null") == 0
        await ended(reader, source)


async def test_a_projection_that_was_dropped_is_built_again_and_no_effect_is_repeated(
    start_process: StartProcess, kafka: Topics
) -> None:
    await kafka.create_topics(SOURCE, READER)
    source = await start_process(source_service, kafka)
    reader = await start_process(reader_service, kafka)
    await change_many(source, THINGS, told=THINGS)
    await equal(reader, source)
    await reader.fetch("update seen_thing set value = -1")  # as a faulty release would have left it
    assert await drop_projections(reader.url, reader_service.subscription.handlers, kafka.prefix) == ("seen_thing",)
    await change_many(source, 10, told=10)
    await equal(reader, source)


@pytest.mark.parametrize("reads_before", [False, True], ids=["never-read", "read-in-part"])
async def test_a_state_log_that_lost_its_beginning_is_said_again(
    start_process: StartProcess, loopback: None, topic_prefix: str, reads_before: bool
) -> None:
    with EmbeddedBroker() as broker:
        topics = topics_of(broker, topic_prefix)
        await topics.create_topics(SOURCE, READER)
        source = await start_process(source_service, topics)
        reader = await start_process(reader_service, topics, worker=False)
        if reads_before:
            await change_many(source, THINGS // 2, told=0)
            reader.start()
            await equal(reader, source)
            await reader.stop()
        await change_many(source, THINGS, told=0)
        await eventually(lambda: nothing_pending(source))
        topic = state_topic(SOURCE, topic_prefix)
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=topics.bootstrap_servers) as consumer:
            for place, end in (await consumer.end_offsets(places)).items():
                broker.delete_records(topic, place.partition, before=end)
        reader.start()
        await equal(reader, source)
        assert await reader.findings() == {"beginning-lost"}
        await eventually(lambda: reader.value(NOTHING_OPEN))
        asked = await reader.fetch(
            "select convert_from(payload, 'utf-8')::jsonb as body from chassis.outbox "
            "where type like '%.state-requested.v1' order by id desc limit 1"
        )
        assert asked[0]["body"] == {"source": SOURCE, "kinds": ["thing"], "division": ""}
        await ended(reader, source)

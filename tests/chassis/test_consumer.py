"""What the consumer promises: each effect once and in order per key, a gap recognised, nothing parked by an outage."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest
import sqlalchemy.exc
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError
from sqlalchemy.engine import make_url

from chassis.outages import is_passing
from contracts.events.envelope import public_topic, state_topic
from tests.engines import Topics
from tests.things import (
    READER,
    SOURCE,
    Process,
    StartProcess,
    ThingChanged,
    ThingNoted,
    change,
    has_effects,
    key_of,
    nothing_pending,
    raised,
    read_messages,
    reader_service,
    send,
    send_again,
    source_service,
)
from tests.waiting import eventually


@pytest.fixture
async def source(start_process: StartProcess, kafka: Topics) -> Process:
    await kafka.create_topics(SOURCE, READER)
    return await start_process(source_service, kafka)


@pytest.fixture
async def reader(source: Process, start_process: StartProcess, kafka: Topics) -> Process:
    return await start_process(reader_service, kafka)


async def test_the_same_event_sent_again_and_again_has_one_effect(
    source: Process, reader: Process, kafka: Topics
) -> None:
    for value in (1, 2, 3):
        await source.change("a", value)
    await eventually(lambda: nothing_pending(source))
    await send_again(source, times=3)
    assert len(await read_messages(kafka)) == 12
    await source.change("a", 4)  # stands behind all of them in the same partition
    await eventually(lambda: has_effects(reader, "a", 4))
    assert await reader.effects("a") == [1, 2, 3, 4]


async def test_an_event_in_flight_when_the_worker_ended_has_one_effect(source: Process, reader: Process) -> None:
    for value in range(1, 60):
        await source.change("a", value)
        if value % 20 == 0:
            await reader.stop()
            reader.start()
    await eventually(lambda: has_effects(reader, "a", 59))
    assert await reader.effects("a") == list(range(1, 60))


async def test_numbers_taken_by_events_without_effect_are_no_gap(
    source: Process, reader: Process, kafka: Topics
) -> None:
    for value in (1, 2, 3):
        await source.change("a", value)
        async with source.unit() as uow:
            uow.raise_events([raised("a", ThingNoted())])
            await uow.commit()
    await source.change("a", 4)
    await eventually(lambda: has_effects(reader, "a", 4))
    assert {message.sequence for message in await read_messages(kafka)} == set(range(1, 8))
    assert await reader.findings() == set()


async def _lose(source: Process, thing: str, value: int) -> None:
    """An event that takes its number and never reaches Kafka."""
    async with source.unit() as uow:
        uow.raise_events([raised(thing, ThingChanged(value=value))])
        await uow.flush()
        await uow.driver.execute("delete from chassis.outbox_pending where key = $1", key_of(thing))
        await uow.commit()


async def test_a_gap_is_recognised_reported_and_healed(source: Process, reader: Process) -> None:
    await source.change("a", 1)
    await eventually(lambda: has_effects(reader, "a", 1))
    await _lose(source, "a", 2)
    await _lose(source, "a", 3)
    await source.change("a", 4)
    await eventually(lambda: has_effects(reader, "a", 4))
    assert sorted(await reader.effects("a")) == [1, 2, 3, 4]
    found = await reader.fetch("select kind, key, detail from chassis.log_findings")
    assert [tuple(row) for row in found] == [("gap", key_of("a"), {"after_sequence": 1, "sequence": 4})]
    assert await reader.value("select healed_at > found_at from chassis.log_findings")
    assert await reader.value("select count(*) from chassis.missing_numbers") == 0


async def test_a_gap_stays_open_while_one_of_its_numbers_is_missing(
    source: Process, reader: Process, kafka: Topics
) -> None:
    await source.change("a", 1)
    await eventually(lambda: has_effects(reader, "a", 1))
    await _lose(source, "a", 2)
    await _lose(source, "a", 3)
    await source.fetch("delete from chassis.outbox where sequence = 2 and topic not like '%.state'")  # past retention
    await source.change("a", 4)
    await eventually(lambda: has_effects(reader, "a", 3))
    assert sorted(await reader.effects("a")) == [1, 3, 4]
    assert [row["sequence"] for row in await reader.fetch("select sequence from chassis.missing_numbers")] == [2]
    assert await reader.value("select count(*) from chassis.log_findings where healed_at is null") == 1


async def test_gaps_in_many_keys_are_healed_by_one_replay(source: Process, reader: Process) -> None:
    things = [f"{number:03}" for number in range(150)]
    for thing in things:
        await source.change(thing, 1)
    await eventually(lambda: reader.value("select count(*) = 150 from effect"))
    await reader.stop()
    for thing in things:
        await _lose(source, thing, 2)
    async with source.unit() as uow:  # they are read together, as after a long outage
        for thing in things:
            await change(uow, thing, 3)
        await uow.commit()
    await eventually(lambda: nothing_pending(source))
    reader.start()
    await eventually(lambda: reader.value("select count(*) = 450 from effect"))
    assert await reader.value("select count(*) from chassis.log_findings where kind = 'gap'") == len(things)
    assert await source.value("select count(*) from chassis.operations") < len(things) / 2
    for thing in things:
        assert sorted(await reader.effects(thing)) == [1, 2, 3]


@asynccontextmanager
async def _database_away(process: Process, postgres_dsn: str) -> AsyncIterator[None]:
    name = make_url(process.url).database
    admin = await asyncpg.connect(postgres_dsn)
    try:
        await admin.execute(f'alter database "{name}" with allow_connections false')
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        yield
    finally:
        await admin.execute(f'alter database "{name}" with allow_connections true')
        await admin.close()


async def test_while_the_database_is_away_the_consumer_stands_still_and_parks_nothing(
    source: Process, reader: Process
) -> None:
    await source.change("a", 1)
    await eventually(lambda: has_effects(reader, "a", 1))
    consumer = reader.worker.consumer
    assert consumer is not None
    async with _database_away(reader, source.url.replace("+asyncpg", "")):
        for value in (2, 3, 4):
            await source.change("a", value)
        await eventually(lambda: _stands_still(reader))
    await eventually(lambda: has_effects(reader, "a", 4))
    assert await reader.effects("a") == [1, 2, 3, 4]
    assert await reader.parked() == []


async def _stands_still(reader: Process) -> bool:
    return reader.worker.consumer is not None and not reader.worker.consumer.reading.is_set()


async def test_dead_connections_of_the_pool_are_replaced(source: Process) -> None:
    await asyncio.gather(*(source.change(f"thing-{number}", 1) for number in range(4)))
    admin = await asyncpg.connect(source.url.replace("+asyncpg", ""))
    ended = await admin.fetch(
        "select pid, pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and application_name = 'shouwang'"
    )
    assert ended
    await eventually(lambda: _none_left(admin, [row["pid"] for row in ended]))
    # One that was handed out before its end was noticed fails; none fails twice.
    changes = [functools.partial(source.change, f"thing-{number}", 2) for number in range(8)]
    await asyncio.gather(*(change() for change in changes), return_exceptions=True)
    await asyncio.gather(*(change() for change in changes))
    await admin.close()


async def _none_left(admin: asyncpg.Connection, pids: Sequence[int]) -> bool:
    return bool(await admin.fetchval("select count(*) = 0 from pg_stat_activity where pid = any($1)", pids))


async def test_a_second_consumer_takes_over_when_the_first_ends(
    source: Process, reader: Process, start_process: StartProcess, kafka: Topics
) -> None:
    second = await start_process(reader_service, kafka, url=reader.url)
    await source.change("a", 1)
    await eventually(lambda: has_effects(reader, "a", 1))
    await reader.stop()
    await source.change("a", 2)
    await eventually(lambda: has_effects(reader, "a", 2), within=3)
    assert second.worker.consumer is not None
    assert second.worker.consumer.reading.is_set()
    assert await reader.effects("a") == [1, 2]


async def test_messages_of_a_foreign_hand_hold_up_nobody(source: Process, reader: Process, kafka: Topics) -> None:
    ours: dict[str, bytes | None] = {
        "ce_type": ThingChanged.type().encode(),
        "ce_source": f"/shouwang/{SOURCE}".encode(),
    }
    public, states = public_topic(SOURCE, kafka.prefix), state_topic(SOURCE, kafka.prefix)
    for topic in (public, states):
        await send(kafka, topic, b"", {}, None)
        await send(kafka, topic, b"thing/\0", {"ce_subject": None, "ce_id": b"\0"}, b"\0")
        await send(kafka, topic, b"\xff\xfe", {"ce_sequence": b"\xc2\xb2"}, b"{")
        await send(kafka, topic, b"thing/x", {"ce_sequence": b"9" * 30, **ours}, b"{}")
        await send(kafka, topic, b"thing/y", {"ce_sequence": b"9" * 6000}, b"{}")
    await send(kafka, public, b"thing/no-id", ours, b"not json")
    await send(kafka, public, b"thing/too-large", ours, b'{"value": 9999999999999999999999}')
    await send(kafka, states, b"thing/\0", {**ours, "ce_sequence": b"1"}, b'{"value": 1}')
    await send(kafka, public, b"heartbeat/0", {"ce_type": f"shouwang.{SOURCE}.heartbeat.v1".encode()}, b"[]")
    for thing in ("a", "b", "c", "d", "e", "f", "g", "h"):
        await source.change(thing, 1)
    await eventually(lambda: reader.value("select count(*) = 8 from effect"))
    parked = dict(await reader.parked())
    assert parked[key_of("no-id")] == "Malformed"
    assert parked[key_of("too-large")] == "DataError"


async def test_current_to_is_unknown_until_every_partition_was_heard_and_honest_afterwards(
    source: Process, start_process: StartProcess, kafka: Topics
) -> None:
    await source.stop()
    reader = await start_process(reader_service, kafka)
    consumer = reader.worker.consumer
    await eventually(lambda: _reading(reader))
    consumer = reader.worker.consumer
    assert consumer is not None
    assert consumer.current_to() is None
    source.start()
    await eventually(lambda: _current(reader))
    async with source.unit() as uow:
        await uow.driver.execute("insert into thing values ('late', 1, 1)")
        asked = await uow.driver.fetchval("select clock_timestamp()")
        heard = consumer.current_to()
        await eventually(lambda: _heard_again(reader, heard), within=5)
        now_current = consumer.current_to()
        assert now_current is not None
        assert now_current < asked
        await uow.commit()
    await eventually(lambda: _later_than(reader, asked))


async def test_while_it_is_busy_nothing_that_was_fetched_is_thrown_back(
    start_process: StartProcess, kafka: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kafka.create_topics(SOURCE, READER)
    source = await start_process(source_service, kafka, heartbeat_s=0.05)
    async with source.unit() as uow:
        for value in range(1, 1501):
            await change(uow, "busy", value)
        await uow.commit()
    await eventually(lambda: nothing_pending(source))
    reader = await start_process(reader_service, kafka, worker=False, heartbeat_s=0.3)  # silent after 0.9 s
    sought: list[str] = []
    seek = AIOKafkaConsumer.seek

    def seeking(consumer: AIOKafkaConsumer, place: TopicPartition, offset: int) -> None:
        running = reader.worker.consumer
        # The source's own consumer seeks too: its reader hardly sends anything.
        if f".{SOURCE}" in place.topic and running is not None and running.reading.is_set():
            sought.append(place.topic)
        seek(consumer, place, offset)

    monkeypatch.setattr(AIOKafkaConsumer, "seek", seeking)
    began = time.monotonic()
    reader.start()
    await eventually(lambda: has_effects(reader, "busy", 1500), within=60)
    assert time.monotonic() - began > 0.9, "too quick to have been silent; let it do more"
    assert sought == []


async def _reading(reader: Process) -> bool:
    return reader.worker.consumer is not None and reader.worker.consumer.reading.is_set()


async def _current(reader: Process) -> object:
    return reader.worker.consumer is not None and reader.worker.consumer.current_to()


async def _heard_again(reader: Process, before: object) -> bool:
    return await _current(reader) != before


async def _later_than(reader: Process, instant: object) -> bool:
    current = await _current(reader)
    return bool(current and current > instant)  # type: ignore[operator]


@pytest.mark.parametrize(
    "error",
    [
        OSError(),
        TimeoutError(),
        KafkaConnectionError(),
        sqlalchemy.exc.TimeoutError("the pool is exhausted"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.AdminShutdownError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.InvalidPasswordError(),
        asyncpg.InvalidCatalogNameError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.DiskFullError(),
    ],
)
def test_what_the_surroundings_do_is_no_reason_to_park(error: Exception) -> None:
    assert is_passing(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        KeyError(),
        asyncpg.UniqueViolationError(),
        asyncpg.CheckViolationError(),
        asyncpg.InvalidTextRepresentationError(),
        asyncpg.UndefinedTableError(),
        asyncpg.InFailedSQLTransactionError(),
    ],
)
def test_what_a_message_does_is_a_reason_to_park(error: Exception) -> None:
    assert not is_passing(error)

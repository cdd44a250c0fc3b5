"""O1 and O3: how fast the relay empties the outbox, whether chaos loses or reorders anything, and how late one is told.

The relay and the units of work are the chassis's own, in this process; the broker is a process apart.
"""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.rounds import Measured, interleaved, ratios
from bench.size import Size
from bench.surroundings import Surroundings
from chassis import kafka, runtime
from chassis.relay import Relay
from chassis.runtime import Runtime, Service
from chassis.sending import Sender
from contracts.events.envelope import Raised, public_topic
from contracts.events.monitoring import HouseholdRegistered
from launcher.topics import EMBEDDED_PARTITIONS

SERVICE = Service(name="monitoring", title="bench")
TOPIC = public_topic(SERVICE.name)
_WRITERS = 10
_HOT_KEYS = 6
_PER_SECOND = 100
_PLACES = [TopicPartition(TOPIC, number) for number in range(EMBEDDED_PARTITIONS)]
_FILL = """
with written as (
    insert into chassis.outbox (recorded_at, topic, key, event_id, type, sequence, headers, payload)
    select clock_timestamp(), topic, 'household/' || gen_random_uuid(), gen_random_uuid(), type, 1, headers, payload
    from chassis.outbox cross join generate_series(1, $2) where id = $1
    returning id, recorded_at, topic, key
)
insert into chassis.outbox_pending (id, recorded_at, topic, key) select id, recorded_at, topic, key from written
"""
_CLEAR = "truncate chassis.outbox, chassis.outbox_pending"


async def _runtime(around: Surroundings, name: str) -> Runtime:
    return runtime.build(SERVICE, around.settings(await around.database(name, SERVICE.name)))


def _relay(around: Runtime, *, heartbeat_s: float = 3600) -> Relay:
    return Relay(
        database_url=around.settings.database_url,
        new_producer=lambda: kafka.producer(around.settings),
        service=SERVICE.name,
        topic_prefix="",
        metrics=around.metrics,
        heartbeat_s=heartbeat_s,
        wake=around.relay_wake,
    )


def _told(household: str) -> Raised:
    data = HouseholdRegistered.example().model_copy(update={"household_id": household})
    return Raised(data=data, key=f"household/{household}", subject=household, division=data.division)


async def _tell(around: Runtime, households: Sequence[str], *, commit: bool = True) -> None:
    async with around.units.begin(person="bench", client="bench") as unit:
        unit.raise_events([_told(household) for household in households])
        if commit:
            await unit.commit()


async def o1(around: Surroundings, size: Size) -> Measured:
    ours = await _runtime(around, "relay")
    connection = await around.connect("relay")
    relay = _relay(ours)
    try:
        async with kafka.producing(lambda: kafka.producer(ours.settings)) as producer:
            sender = Sender(producer, ours.metrics)

            async def drain() -> float:
                await _fill(ours, connection, size.messages)
                started = time.perf_counter()
                sent = await relay.drain(connection, sender)
                assert sent == size.messages
                return sent / (time.perf_counter() - started)

            async def bare() -> float:
                await _fill(ours, connection, size.messages)
                rows = await connection.fetch("select key, headers, payload from chassis.outbox order by id")
                started = time.perf_counter()
                await _send_bare(producer, rows)
                return len(rows) / (time.perf_counter() - started)

            rates = await interleaved({"ours": drain, "base": bare}, size.rounds)
        lost, reordered, told = await _chaos(around, ours, connection, size.chaos)
    finally:
        await connection.close()
        await ours.engine.dispose()
    note = f"{told} told by ten writers on six keys: {lost} lost, {reordered} out of order"
    return Measured(
        id="O1", what="relay drain / send_batch without a database", rounds=ratios(rates["ours"], rates["base"]),
        goal=0.25, note=note, holds=not lost and not reordered,
    )  # fmt: skip


async def _fill(around: Runtime, connection: asyncpg.Connection, messages: int) -> None:
    """An outbox of so many pending messages, each of a key of its own, as one event was composed."""
    await connection.execute(_CLEAR)
    await _tell(around, [str(uuid4())])
    first = await connection.fetchval("select id from chassis.outbox")
    await connection.execute(_FILL, first, messages - 1)


async def _send_bare(producer: kafka.Producer, rows: Sequence[asyncpg.Record]) -> None:
    """What aiokafka can do: hand-built batches, one partition beside the other."""
    by_partition: dict[int, list[tuple[bytes, bytes, list[tuple[str, bytes]]]]] = {}
    for row in rows:
        key = row["key"].encode()
        headers = [(name, value.encode()) for name, value in json.loads(row["headers"]).items()]
        place = kafka.partition_of(key, EMBEDDED_PARTITIONS)
        by_partition.setdefault(place, []).append((key, row["payload"], headers))

    async def send(partition: int, messages: list[tuple[bytes, bytes, list[tuple[str, bytes]]]]) -> None:
        batch = producer.create_batch()
        for key, value, headers in messages:
            now = int(time.time() * 1000)
            if batch.append(key=key, value=value, timestamp=now, headers=headers) is None:
                await (await producer.send_batch(batch, TOPIC, partition=partition))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=now, headers=headers)
        await (await producer.send_batch(batch, TOPIC, partition=partition))

    await asyncio.gather(*(send(partition, messages) for partition, messages in by_partition.items()))


async def _chaos(
    around: Surroundings, ours: Runtime, connection: asyncpg.Connection, transactions: int
) -> tuple[int, int, int]:
    """Ten writers on six hot keys, a third rolled back, the relay beside them: lost, out of order, told at all."""
    hot = [str(uuid4()) for _ in range(_HOT_KEYS)]
    await connection.execute(_CLEAR)
    seed = random.Random(1)
    plans = [[(seed.sample(hot, 2), seed.random() > 1 / 3) for _ in range(transactions)] for _ in range(_WRITERS)]

    async def write(plan: list[tuple[list[str], bool]]) -> None:
        for households, commit in plan:
            await _tell(ours, households, commit=commit)

    async with AIOKafkaConsumer(bootstrap_servers=around.broker.bootstrap_servers, fetch_max_wait_ms=5) as consumer:
        consumer.assign(_PLACES)
        await consumer.seek_to_end(*_PLACES)
        for place in _PLACES:
            await consumer.position(place)
        relaying = asyncio.create_task(_relay(ours).run())
        try:
            await asyncio.gather(*map(write, plans))
            async with asyncio.timeout(60):
                while await connection.fetchval("select count(*) from chassis.outbox_pending"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            relaying.cancel()
            await asyncio.wait([relaying])
        wanted = {f"household/{household}" for household in hot}
        heard: dict[str, list[int]] = {key: [] for key in wanted}
        while found := await consumer.getmany(timeout_ms=1000):
            for message in (kafka.received(record) for records in found.values() for record in records):
                if message.key in wanted:
                    heard[message.key].append(message.sequence)
    told = {row["key"]: row["n"] for row in await connection.fetch(
        "select key, count(*) as n from chassis.outbox group by key")}  # fmt: skip
    lost = sum(told.get(key, 0) - len(set(numbers)) for key, numbers in heard.items())
    reordered = sum(later <= before for numbers in heard.values() for before, later in itertools.pairwise(numbers))
    return lost, reordered, sum(told.values())


async def o3(around: Surroundings, size: Size) -> Measured:
    """From the return of the commit to the message in a consumer's hands, a hundred times a second."""
    ours = await _runtime(around, "late")
    committed: dict[str, float] = {}
    late: list[float] = []
    relaying = asyncio.create_task(_relay(ours, heartbeat_s=1).run())
    try:
        async with AIOKafkaConsumer(bootstrap_servers=around.broker.bootstrap_servers, fetch_max_wait_ms=5) as consumer:
            consumer.assign(_PLACES)
            await consumer.seek_to_end(*_PLACES)
            for place in _PLACES:
                await consumer.position(place)
            listening = asyncio.create_task(_listen(consumer, committed, late))
            rounds, halves = [], []
            await _paced(ours, committed, 20)  # pools and plans are warm
            for _ in range(size.rounds):
                await _heard_all(committed, late)
                late.clear()
                committed.clear()
                await _paced(ours, committed, max(size.reads // 2, 10))
                await _heard_all(committed, late)
                in_order = sorted(late)
                rounds.append(in_order[int(len(in_order) * 0.99)] * 1000)
                halves.append(in_order[len(in_order) // 2] * 1000)
            listening.cancel()
            await asyncio.wait([listening])
    finally:
        relaying.cancel()
        await asyncio.wait([relaying])
        await ours.engine.dispose()
    note = f"p50 {sorted(halves)[len(halves) // 2]:.1f} ms"
    return Measured(
        id="O3", what="commit to consumed at 100/s, p99", rounds=tuple(rounds), goal=25, at_most=True, unit=" ms",
        note=note,
    )  # fmt: skip


async def _paced(around: Runtime, committed: dict[str, float], count: int) -> None:
    """So many commits, one each hundredth of a second, whether the one before has ended or not."""

    async def one(household: str) -> None:
        await _tell(around, [household])
        committed[household] = time.perf_counter()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(one(str(uuid4())))
            await asyncio.sleep(1 / _PER_SECOND)


async def _listen(consumer: AIOKafkaConsumer, committed: dict[str, float], late: list[float]) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            arrived = time.perf_counter()
            for record in records:
                household = record.key.decode().removeprefix("household/")
                # A message may be here before its writer has heard of its own commit: that is no lateness.
                if not household.startswith("heartbeat/"):
                    late.append(max(0.0, arrived - committed.get(household, arrived)))


async def _heard_all(committed: dict[str, float], late: list[float]) -> None:
    async with asyncio.timeout(30):
        while len(late) < len(committed):  # noqa: ASYNC110
            await asyncio.sleep(0.02)

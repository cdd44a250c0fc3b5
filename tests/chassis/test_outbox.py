"""What the outbox promises: numbers of a key without a gap, in the order of its ids, whoever else writes."""

import asyncio
import random
from itertools import pairwise

import pytest

from chassis.outbox import MessageTooLarge
from contracts.events.envelope import MAX_BYTES
from tests.engines import Topics
from tests.things import Process, StartProcess, ThingNoted, change, raised, source_service, state

HOT_KEYS = [f"hot-{number}" for number in range(6)]
_WRITTEN = "select key, sequence, topic like '%.state' as is_state from chassis.outbox order by id"


async def _write(source: Process, chance: random.Random, transactions: int) -> None:
    for _ in range(transactions):
        things = chance.choices(HOT_KEYS, k=chance.randint(1, 5))  # also one key twice, in any order
        async with source.unit() as uow:
            uow.raise_events(raised(thing, ThingNoted()) for thing in things)
            if chance.random() < 0.7:
                await uow.commit()


async def test_ten_writers_leave_no_gap_and_no_disorder(start_process: StartProcess, kafka: Topics) -> None:
    source = await start_process(source_service, kafka, worker=False, database_pool=10)
    await asyncio.gather(*(_write(source, random.Random(seed), 40) for seed in range(10)))
    by_key: dict[str, list[int]] = {}
    for row in await source.fetch(_WRITTEN):
        by_key.setdefault(row["key"], []).append(row["sequence"])
    assert len(by_key) == len(HOT_KEYS)
    for sequences in by_key.values():
        assert sequences == list(range(1, len(sequences) + 1))


async def test_batches_in_opposite_orders_do_not_deadlock(start_process: StartProcess, kafka: Topics) -> None:
    source = await start_process(source_service, kafka, worker=False)
    things = [f"{number:04}" for number in range(1500)]

    async def batch(order: list[str]) -> None:
        async with source.unit() as uow:
            uow.raise_events(raised(thing, ThingNoted()) for thing in order)
            await uow.commit()

    await asyncio.gather(*(batch(things if turn % 2 else things[::-1]) for turn in range(8)))
    assert await source.value("select count(*) from chassis.outbox") == 8 * len(things)
    assert await source.fetch("select key from chassis.streams where sequence <> 8") == []


async def test_messages_of_one_transaction_stand_in_the_order_in_which_they_were_raised(
    start_process: StartProcess, kafka: Topics
) -> None:
    source = await start_process(source_service, kafka, worker=False)
    async with source.unit() as uow:
        for thing in ("b", "a", "b"):
            await change(uow, thing, 1)
        await uow.commit()
    public = [(row["key"], row["sequence"]) for row in await source.fetch(_WRITTEN) if not row["is_state"]]
    assert public == [("thing/b", 1), ("thing/a", 1), ("thing/b", 2)]
    states = [(row["key"], row["sequence"]) for row in await source.fetch(_WRITTEN) if row["is_state"]]
    assert states == [("thing/b", 1), ("thing/a", 1), ("thing/b", 2)]


async def test_a_message_is_refused_where_it_is_written_when_it_is_one_byte_too_large(
    start_process: StartProcess, kafka: Topics
) -> None:
    source = await start_process(source_service, kafka, worker=False)
    room = MAX_BYTES - len(ThingNoted().model_dump_json())
    async with source.unit() as uow:
        uow.raise_events([raised("large", ThingNoted(note="x" * room))])
        with pytest.raises(MessageTooLarge):
            uow.raise_events([raised("large", ThingNoted(note="x" * (room + 1)))])
        await uow.commit()
    assert await source.value("select count(*) from chassis.outbox") == 1


async def test_a_message_is_recorded_after_its_transaction_can_be_seen_to_be_open(
    start_process: StartProcess, kafka: Topics
) -> None:
    source = await start_process(source_service, kafka, worker=False)
    async with source.unit() as uow:
        begun = await uow.driver.fetchval("select now()")
        asked = await source.value("select clock_timestamp()")
        uow.publish_state([state("only-its-state", 1, 1)])  # takes no number, so nothing else opens the transaction
        await uow.flush()
        recorded = await uow.driver.fetchval("select recorded_at from chassis.outbox")
        opened = await source.value(
            "select count(*) from pg_stat_activity where datname = current_database() and backend_xid is not null"
        )
    assert begun < asked < recorded
    assert opened == 1


async def test_a_change_that_is_rolled_back_says_nothing(start_process: StartProcess, kafka: Topics) -> None:
    source = await start_process(source_service, kafka, worker=False)
    async with source.unit() as uow:
        await change(uow, "a", 1)
        await uow.flush()
    for table in ("thing", "chassis.outbox", "chassis.outbox_pending", "chassis.streams"):
        assert await source.value(f"select count(*) from {table}") == 0


async def test_ids_follow_the_order_of_locks_when_a_first_writer_commits_late(
    start_process: StartProcess, kafka: Topics
) -> None:
    source = await start_process(source_service, kafka, worker=False)
    async with source.unit() as first:
        first.raise_events([raised("hot", ThingNoted(note="first"))])
        await first.flush()
        second = asyncio.create_task(_note(source, "hot", "second"))
        await _note(source, "cold", "between")  # another key is not held up, and takes a higher id
        assert not second.done()
        await first.commit()
    await second
    rows = await source.fetch("select id, sequence from chassis.outbox where key = 'thing/hot' order by id")
    assert [row["sequence"] for row in rows] == [1, 2]
    assert all(before["id"] < after["id"] for before, after in pairwise(rows))


async def _note(source: Process, thing: str, note: str) -> None:
    async with source.unit() as uow:
        uow.raise_events([raised(thing, ThingNoted(note=note))])
        await uow.commit()

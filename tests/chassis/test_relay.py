"""What the relay promises: nothing lost, nothing out of order per key, whoever writes and whatever goes away."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import uuid4

import asyncpg

from chassis import backlog, database
from chassis import kafka as kafka_clients
from chassis.kafka import Received, received
from chassis.leadership import lock_number
from chassis.relay import Relay
from chassis.sending import Sender
from contracts.events.envelope import public_topic, state_topic
from contracts.events.plumbing import Heartbeat
from launcher.engines.broker import EmbeddedBroker
from tests.engines import Topics
from tests.things import (
    SOURCE,
    Process,
    StartProcess,
    ThingNoted,
    first_sequences,
    has_effects,
    key_of,
    nothing_pending,
    raised,
    read,
    read_messages,
    reader_service,
    source_service,
    topics_of,
)
from tests.waiting import eventually

HOT_KEYS = [f"hot-{number}" for number in range(6)]


def relay_of(source: Process, *, chunk: int = 2000, heartbeat_s: float = 0.1) -> Relay:
    settings = source.runtime.settings
    return Relay(
        database_url=settings.database_url,
        new_producer=lambda: kafka_clients.producer(settings),
        service=SOURCE,
        topic_prefix=settings.topic_prefix,
        metrics=source.runtime.metrics,
        heartbeat_s=heartbeat_s,
        wake=source.runtime.relay_wake,
        chunk=chunk,
    )


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def note(source: Process, *things: str, text: str = "") -> None:
    async with source.unit() as uow:
        uow.raise_events([raised(thing, ThingNoted(note=text)) for thing in things])
        await uow.commit()


async def _chaos(source: Process, chance: random.Random, transactions: int) -> None:
    for _ in range(transactions):
        things = chance.choices(HOT_KEYS, k=chance.randint(1, 3))
        async with source.unit() as uow:
            uow.raise_events(raised(thing, ThingNoted()) for thing in things)
            await uow.flush()  # ids are taken here, and the commit may come long after those of others
            for _ in range(chance.choice((0, 0, 1, 40))):
                await uow.driver.fetchval("select 1")
            if chance.random() < 0.75:
                await uow.commit()


async def test_under_chaos_nothing_is_lost_and_no_key_is_reordered(start_process: StartProcess, kafka: Topics) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False, database_pool=10)
    async with running(relay_of(source, chunk=5)):
        await asyncio.gather(*(_chaos(source, random.Random(seed), 60) for seed in range(10)))
        await eventually(lambda: nothing_pending(source))
    sent = first_sequences(await read_messages(kafka))
    assert set(sent) == {key_of(thing) for thing in HOT_KEYS}
    for key, sequences in sent.items():
        last = await source.value("select max(sequence) from chassis.outbox where key = $1", key)
        assert sequences == list(range(1, last + 1))


class _Gated(Sender):
    """Does something once, while the first chunk is on its way."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def send(self, rows: Sequence[asyncpg.Record], *, singly: bool = False) -> None:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        await super().send(rows, singly=singly)


async def test_an_early_id_that_is_committed_late_stands_before_its_followers(
    start_process: StartProcess, kafka: Topics
) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)

    async def commit_late() -> None:
        await early.commit()
        await context.__aexit__(None, None, None)
        await note(source, "hot")

    context = source.unit()
    early = await context.__aenter__()
    early.raise_events([raised("hot", ThingNoted())])
    await early.flush()
    await note(source, *(f"cold-{number}" for number in range(30)))
    connection = await asyncpg.connect(source.url.replace("+asyncpg", ""))
    async with kafka_clients.producing(lambda: kafka_clients.producer(source.runtime.settings)) as producer:
        sender = _Gated(producer, source.runtime.metrics)
        sender.meanwhile = commit_late
        await relay_of(source, chunk=10).drain(connection, sender)
    await connection.close()
    assert await nothing_pending(source)
    assert first_sequences(await read_messages(kafka))["thing/hot"] == [1, 2]


_LARGE_ROW = """
with written as (
    insert into chassis.outbox (topic, key, event_id, type, sequence, headers, payload)
    values ($1, $2, $3, 'too-large', 1, '{}', convert_to(repeat('x', 950000), 'utf-8')) returning *
)
insert into chassis.outbox_pending (id, recorded_at, topic, key) select id, recorded_at, topic, key from written
"""


async def test_a_row_that_cannot_be_sent_parks_its_key_and_no_other(start_process: StartProcess, kafka: Topics) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    others = [f"other-{number}" for number in range(20)]
    await note(source, "before", *others)
    # Larger than the command path would let through.
    await source.fetch(_LARGE_ROW, public_topic(SOURCE, kafka.prefix), key_of("large"), uuid4())
    await note(source, "large", *others)
    async with running(relay_of(source, chunk=10)):
        await eventually(lambda: source.value("select count(*) = 2 from chassis.outbox_pending"))
        await note(source, "large", "after")
        await eventually(lambda: source.value("select count(*) = 3 from chassis.outbox_pending"))
        sent = first_sequences(await read_messages(kafka))
        assert sent == {key_of(thing): [1] for thing in ("before", "after")} | {key_of(t): [1, 2] for t in others}
        parked = await source.fetch("select key, reason from chassis.outbox_parked")
        assert [tuple(row) for row in parked] == [(key_of("large"), "too-large")]
        async with database.connect(source.runtime.engine) as connection:
            await backlog.measure(connection, source.runtime.metrics)
        assert await _measured(source, "shouwang_outbox_parked_keys", 1), "what operators are alerted by"
        # Parked keys do not make the service look behind; the heartbeat says how many they are.
        beat = await eventually(lambda: _beat(kafka, parked_keys=1))
        assert beat.sent_up_to > await source.value("select max(recorded_at) from chassis.outbox")


MESSAGE_TOO_LARGE = 10
PRODUCE = 0


async def test_a_message_that_the_broker_refuses_parks_its_key(
    start_process: StartProcess, loopback: None, topic_prefix: str
) -> None:
    with EmbeddedBroker() as broker:
        topics = topics_of(broker, topic_prefix)
        await topics.create_topics(SOURCE)
        source = await start_process(source_service, topics, worker=False)
        await note(source, "refused")
        broker.inject_errors(PRODUCE, [MESSAGE_TOO_LARGE])
        async with running(relay_of(source)):
            await eventually(lambda: source.value("select reason from chassis.outbox_parked"))
            await note(source, "refused", "other")
            await eventually(lambda: source.value("select count(*) = 2 from chassis.outbox_pending"))
            assert await source.value("select reason from chassis.outbox_parked") == "refused-too-large"
            await source.fetch("delete from chassis.outbox_parked")  # what an operator's release does
            await eventually(lambda: nothing_pending(source))
        sent = first_sequences(await read_messages(topics))
        assert sent == {key_of("refused"): [1, 2], key_of("other"): [1]}


async def test_a_batch_that_the_broker_refuses_is_sent_message_by_message(
    start_process: StartProcess, loopback: None, topic_prefix: str
) -> None:
    with EmbeddedBroker() as broker:
        topics = topics_of(broker, topic_prefix)
        await topics.create_topics(SOURCE)
        source = await start_process(source_service, topics, worker=False)
        await note(source, *["a"] * 30)
        broker.inject_errors(PRODUCE, [MESSAGE_TOO_LARGE])
        async with running(relay_of(source)):
            await eventually(lambda: nothing_pending(source))
        assert first_sequences(await read_messages(topics)) == {key_of("a"): list(range(1, 31))}
        assert await source.value("select count(*) from chassis.outbox_parked") == 0


async def _beats(kafka: Topics) -> list[Received]:
    found = []
    for topic in (public_topic(SOURCE, kafka.prefix), state_topic(SOURCE, kafka.prefix)):
        found += [m for m in map(received, await read(kafka, topic)) if "heartbeat" in m.type]
    return found


async def _beat(kafka: Topics, *, parked_keys: int = 0, after: datetime | None = None) -> Heartbeat | None:
    """The newest heartbeat that says so."""
    beats = [Heartbeat.model_validate_json(beat.payload or b"") for beat in await _beats(kafka)]
    fitting = [b for b in beats if b.parked_keys == parked_keys and (after is None or b.sent_up_to > after)]
    return max(fitting, key=lambda beat: beat.sent_up_to, default=None)


async def test_heartbeats_reach_every_partition_of_both_topics(start_process: StartProcess, kafka: Topics) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    async with running(relay_of(source)):
        await eventually(lambda: _places(kafka))
    assert {beat.sequence for beat in await _beats(kafka)} == {-1}


async def _places(kafka: Topics) -> bool:
    return len({(beat.topic, beat.partition) for beat in await _beats(kafka)}) == 8


async def test_a_heartbeat_is_not_ahead_of_a_transaction_that_is_still_open(
    start_process: StartProcess, kafka: Topics
) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    async with running(relay_of(source, heartbeat_s=0.02)):
        async with source.unit() as uow:
            uow.raise_events([raised("late", ThingNoted())])
            await uow.flush()
            recorded: datetime = await uow.driver.fetchval("select recorded_at from chassis.outbox")
            asked = await source.value("select clock_timestamp()")
            assert asked > recorded
            beats = len(await _beats(kafka))
            await eventually(lambda: _more_beats(kafka, beats + 16))
            newest = await _beat(kafka)
            assert newest is not None
            assert newest.sent_up_to < recorded
            await uow.commit()
        await eventually(lambda: _beat(kafka, after=asked))
    # Wherever a heartbeat claims more than what was recorded before that instant, the message stands before it.
    place = next(m for m in await read_messages(kafka))
    claims = [
        beat.offset
        for beat in await _beats(kafka)
        if (beat.topic, beat.partition) == (place.topic, place.partition)
        and Heartbeat.model_validate_json(beat.payload or b"").sent_up_to > recorded
    ]
    assert claims
    assert min(claims) > place.offset


async def _more_beats(kafka: Topics, count: int) -> bool:
    return len(await _beats(kafka)) >= count


async def test_a_reading_transaction_does_not_make_a_quiet_day_stale(
    start_process: StartProcess, kafka: Topics
) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    async with source.unit() as uow:
        await uow.driver.fetchval("select count(*) from thing")
        begun: datetime = await uow.driver.fetchval("select clock_timestamp()")
        async with running(relay_of(source)):
            await eventually(lambda: _beat(kafka, after=begun))


async def test_a_replay_does_not_make_the_present_look_old(start_process: StartProcess, kafka: Topics) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    await note(source, "a")
    relay = relay_of(source)
    connection = await asyncpg.connect(source.url.replace("+asyncpg", ""))
    async with kafka_clients.producing(lambda: kafka_clients.producer(source.runtime.settings)) as producer:
        await relay.drain(connection, Sender(producer, source.runtime.metrics))
        await source.fetch(
            "insert into chassis.outbox_pending (id, recorded_at, topic, key, again) "
            "select id, recorded_at, topic, key, true from chassis.outbox"
        )
        asked = await source.value("select clock_timestamp()")
        await relay.heartbeat(connection, producer)
    await connection.close()
    assert await _beat(kafka, after=asked) is not None


async def test_of_two_relays_one_leads_and_the_other_takes_over(start_process: StartProcess, kafka: Topics) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    relays = [relay_of(source), relay_of(source)]
    first, second = (asyncio.create_task(relay.run()) for relay in relays)
    await eventually(lambda: _alive(relays))
    leader, follower = (0, 1) if relays[0].alive_at else (1, 0)
    assert relays[follower].alive_at == 0
    await note(source, "a")
    await eventually(lambda: nothing_pending(source))
    [first, second][leader].cancel()
    await note(source, "a")
    await eventually(lambda: nothing_pending(source), within=3)
    await eventually(lambda: _alive([relays[follower]]), within=3)
    for task in (first, second):
        task.cancel()
    await asyncio.wait([first, second])
    messages = await read_messages(kafka)
    assert [message.sequence for message in messages] == [1, 2]


async def _alive(relays: Sequence[Relay]) -> bool:
    return any(relay.alive_at for relay in relays)


_LOSE = """
select count(pg_terminate_backend(pid)) from pg_locks
where locktype = 'advisory' and classid = $1 and objid = $2 and granted and database =
    (select oid from pg_database where datname = current_database())
"""


async def test_a_lost_lock_stops_the_relay_and_it_leads_again(start_process: StartProcess, kafka: Topics) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    async with running(relay_of(source)):
        for turn in range(3):
            await note(source, "a")
            await eventually(lambda: nothing_pending(source))
            assert await source.value(_LOSE, *lock_number("relay")) == 1, turn
            await note(source, "a")
        await eventually(lambda: nothing_pending(source))
    assert first_sequences(await read_messages(kafka)) == {key_of("a"): [1, 2, 3, 4, 5, 6]}


async def test_a_relay_that_loses_its_lock_while_kafka_is_away_gives_up_what_it_was_sending(
    start_process: StartProcess, loopback: None, topic_prefix: str
) -> None:
    with EmbeddedBroker() as broker:
        topics = topics_of(broker, topic_prefix)
        await topics.create_topics(SOURCE)
        source = await start_process(source_service, topics, worker=False)
        relays = [relay_of(source), relay_of(source)]
        async with running(*relays):
            await eventually(lambda: _alive(relays))
            broker.go_down()
            await note(source, "a")
            stuck = await eventually(lambda: _stuck_leader(source))
            assert await source.value(_LOSE, *lock_number("relay")) == 1
            # Its successor has the lock while the first one's message was never sent.
            await eventually(lambda: source.value(_LEADER, *lock_number("relay"), stuck))
            broker.come_up()
            await eventually(lambda: nothing_pending(source))
        assert first_sequences(await read_messages(topics)) == {key_of("a"): [1]}


_STUCK_LEADER = """
select pid from pg_locks join pg_stat_activity as backend using (pid)
where locktype = 'advisory' and classid = $1 and objid = $2 and granted and datname = current_database()
  and state = 'idle' and state_change < clock_timestamp() - interval '0.3 s'
"""
_LEADER = """
select pid from pg_locks join pg_stat_activity as backend using (pid)
where locktype = 'advisory' and classid = $1 and objid = $2 and granted and datname = current_database() and pid <> $3
"""


async def _stuck_leader(source: Process) -> int | None:
    """The backend of a leading relay that waits for Kafka: otherwise it would have looked into the outbox again."""
    pid: int | None = await source.value(_STUCK_LEADER, *lock_number("relay"))
    return pid


async def test_without_kafka_commands_are_accepted_and_delivered_afterwards(
    start_process: StartProcess, loopback: None, topic_prefix: str
) -> None:
    with EmbeddedBroker() as broker:
        topics = topics_of(broker, topic_prefix)
        await topics.create_topics(SOURCE, "assets")
        source = await start_process(source_service, topics)
        reader = await start_process(reader_service, topics)
        await source.change("a", 1)
        await eventually(lambda: reader.effects("a"))
        broker.go_down()
        for value in range(2, 30):
            await source.change("a", value)
        assert await source.value("select version from thing where id = 'a'") == 29
        await eventually(lambda: _measured(source, "shouwang_outbox_pending", 2))
        await eventually(lambda: _measured(source, "shouwang_outbox_oldest_seconds", 0.2))
        broker.come_up()
        await eventually(lambda: has_effects(reader, "a", 29))
        assert await reader.effects("a") == list(range(1, 30))
        assert await reader.value("select value from seen_thing where id = 'a'") == 29


async def _measured(source: Process, name: str, least: float) -> bool:
    value = source.runtime.metrics.registry.get_sample_value(name)
    return value is not None and value >= least


async def test_a_worker_ends_at_once_while_kafka_is_away_and_messages_wait(
    start_process: StartProcess, loopback: None, topic_prefix: str
) -> None:
    with EmbeddedBroker() as broker:
        topics = topics_of(broker, topic_prefix)
        await topics.create_topics(SOURCE, "assets")
        source = await start_process(source_service, topics)
        await source.change("a", 1)
        await eventually(lambda: nothing_pending(source))
        broker.go_down()
        await source.change("a", 2)
        await eventually(lambda: _stuck_leader(source))
        async with asyncio.timeout(6):
            await source.stop()
        assert not await nothing_pending(source)
        broker.come_up()


async def test_heartbeats_go_on_while_writers_never_pause(start_process: StartProcess, kafka: Topics) -> None:
    await kafka.create_topics(SOURCE)
    source = await start_process(source_service, kafka, worker=False)
    relay = relay_of(source, chunk=1, heartbeat_s=0.01)
    async with running(relay):
        await note(source, *(f"many-{number}" for number in range(500)))
        await eventually(lambda: _beats(kafka))
        assert not await nothing_pending(source)

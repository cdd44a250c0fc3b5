"""Two tiny services on real engines: `relief` keeps things and tells of them, `assets` projects them and reacts.

They have nothing but a table each and the chassis, so what they prove is proven of the chassis.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from chassis import database, parking, runtime
from chassis.kafka import Received, partition_of, received
from chassis.projection import StateMessage
from chassis.runtime import Runtime, Service
from chassis.settings import Settings
from chassis.subscription import Subscription, data_of
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker
from contracts.events.envelope import EventData, Raised, State, StateData, public_topic, state_topic
from launcher.engines.broker import EmbeddedBroker
from tests.engines import FreshDatabase, Topics
from tests.tokens import Issuer
from tests.waiting import eventually

SOURCE, READER = "relief", "assets"
LARGEST_VALUE = 1_000_000
"""A state with a larger value is refused by the reader's table."""


class ThingChanged(EventData):
    service: ClassVar[str] = SOURCE
    name: ClassVar[str] = "thing-changed"
    value: int
    needs_state: bool = False

    @classmethod
    def example(cls) -> Self:
        return cls(value=1)


class ThingNoted(EventData):
    """An event that no reader reacts to; it takes a number of its key all the same."""

    service: ClassVar[str] = SOURCE
    name: ClassVar[str] = "thing-noted"
    note: str = ""


class ThingState(StateData):
    service: ClassVar[str] = SOURCE
    kind: ClassVar[str] = "thing"
    thing_id: str
    value: int


SOURCE_TABLES = """
create table thing (id text primary key, value bigint not null, version bigint not null);
"""
READER_TABLES = f"""
create table seen_thing (
    id text primary key, value bigint not null check (value <= {LARGEST_VALUE}), version bigint not null
);
create table effect (id bigint generated always as identity, key text, sequence bigint, value bigint);
create table broken (key text primary key);
"""
_CHANGE = """
insert into thing as known (id, value, version) values ($1, $2, 1)
on conflict (id) do update set value = excluded.value, version = known.version + 1 returning version
"""
_SEE = """
insert into seen_thing as seen (id, value, version) select * from unnest($1::text[], $2::bigint[], $3::bigint[])
on conflict (id) do update set value = excluded.value, version = excluded.version where seen.version < excluded.version
"""


def key_of(thing: str) -> str:
    return f"thing/{thing}"


def raised(thing: str, data: EventData, version: int | None = None) -> Raised:
    return Raised(data=data, key=key_of(thing), subject=thing, division="150623", state_version=version)


def state(thing: str, value: int, version: int) -> State:
    return State(data=ThingState(thing_id=thing, value=value), kind="thing", id=thing, version=version, division="")


async def change(uow: UnitOfWork, thing: str, value: int, *, needs_state: bool = False) -> None:
    """Give a thing a value, tell it in public and say how it stands."""
    version = await uow.driver.fetchval(_CHANGE, thing, value)
    uow.raise_events([raised(thing, ThingChanged(value=value, needs_state=needs_state), version)])
    uow.publish_state([state(thing, value, version)])


class Things:
    """The state of things, for republishing."""

    kind = "thing"

    async def chunk(self, uow: UnitOfWork, after: str, limit: int, division: str) -> Sequence[State]:
        rows = await uow.driver.fetch("select * from thing where id > $1 order by id limit $2 for update", after, limit)
        return [state(row["id"], row["value"], row["version"]) for row in rows]


class SeenThings:
    """The reader's projection of things."""

    source = SOURCE
    kind = "thing"
    tables: tuple[str, ...] = ("seen_thing",)

    async def apply(self, connection: asyncpg.Connection, states: Sequence[StateMessage]) -> None:
        data = [state.data for state in states]
        await connection.execute(_SEE, [s.id for s in states], [d["value"] for d in data], [s.version for s in states])


async def on_thing_changed(uow: UnitOfWork, message: Received) -> None:
    """Writes down what it saw; twice, if it should ever run twice."""
    data = ThingChanged.model_validate(data_of(message))
    if await uow.driver.fetchval("select exists (select from broken where key = $1)", message.key):
        raise ValueError("this reader cannot digest it")
    if data.needs_state and not await uow.driver.fetchval(
        "select exists (select from seen_thing where id = $1)", message.subject
    ):
        raise parking.WaitingForState(message.key)
    await uow.driver.execute(
        "insert into effect (key, sequence, value) values ($1, $2, $3)", message.key, message.sequence, data.value
    )


source_service = Service(
    name=SOURCE, title="source", subscription=Subscription(requests_from=(READER,)), states=(Things(),)
)
reader_service = Service(
    name=READER,
    title="reader",
    subscription=Subscription(handlers=(SeenThings(),), reactions={ThingChanged.type(): on_thing_changed}),
)


@dataclass(slots=True)
class Process:
    """A service's runtime and, while it runs, its worker: what a process of its own would hold."""

    runtime: Runtime
    service: Service
    worker: Worker
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.worker = Worker(self.runtime, self.service)
        self.task = asyncio.create_task(self.worker.run())

    async def stop(self) -> None:
        """End the worker; the runtime can still write and read."""
        if self.task is not None:
            task, self.task = self.task, None
            task.cancel()
            await asyncio.wait([task], timeout=60)  # a loaded machine takes its time over a great batch
            assert task.done(), "the worker did not end when it was told to"
            if not task.cancelled():
                task.result()  # it had ended before, by an error

    @property
    def url(self) -> str:
        return self.runtime.settings.database_url

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with database.connect(self.runtime.engine) as connection:
            found: list[asyncpg.Record] = await connection.fetch(query, *arguments)
            return found

    async def value(self, query: str, *arguments: object) -> Any:
        rows = await self.fetch(query, *arguments)
        return rows[0][0] if rows else None

    async def change(self, thing: str, value: int, *, needs_state: bool = False) -> None:
        async with self.unit() as uow:
            await change(uow, thing, value, needs_state=needs_state)
            await uow.commit()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        async with self.runtime.units.begin(person="someone", client="test") as uow:
            yield uow

    async def effects(self, thing: str) -> list[int]:
        """The values that the reader's effects saw of a thing, in the order in which they were carried out."""
        return [
            row["value"]
            for row in await self.fetch("select value from effect where key = $1 order by id", key_of(thing))
        ]

    async def parked(self) -> list[tuple[str, str]]:
        """Key and reason of every parked message, in order."""
        rows = await self.fetch("select key, reason from chassis.parked_messages order by id")
        return [(row["key"], row["reason"]) for row in rows]

    async def findings(self) -> set[str]:
        return {row["kind"] for row in await self.fetch("select kind from chassis.log_findings")}


StartProcess = Callable[..., Awaitable[Process]]


def settings_of(database_url: str, topics: Topics, issuer: Issuer, directory: Path, **overrides: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": database_url,
        "database_pool": 4,
        "kafka_bootstrap_servers": topics.bootstrap_servers,
        "kafka_fetch_max_wait_ms": 5,
        "topic_prefix": topics.prefix,
        "person_key_secret": "test",
        "jwks": str(issuer.jwks),
        "demo": True,
        "heartbeat_s": 0.1,
        "log_level": "ERROR",
        "attachments_directory": directory,
    }
    return Settings(**(values | overrides))


@pytest.fixture
async def start_process(
    fresh_database: FreshDatabase, topic_prefix: str, issuer: Issuer, tmp_path: Path
) -> AsyncIterator[StartProcess]:
    """`await start_process(source_service, kafka)`: a process on a database of its own, or on the one that is given."""
    async with AsyncExitStack() as stack:

        async def start(
            service: Service, topics: Topics, *, url: str | None = None, worker: bool = True, **overrides: Any
        ) -> Process:
            if url is None:
                url = await fresh_database(service.name)
                await _create_tables(url, service)
            built = runtime.build(service, settings_of(url, topics, issuer, tmp_path, **overrides))
            stack.push_async_callback(built.engine.dispose)
            process = Process(built, service, Worker(built, service))
            stack.push_async_callback(process.stop)
            if worker:
                process.start()
            return process

        yield start


async def _create_tables(url: str, service: Service) -> None:
    connection = await database.direct(url, "test")
    try:
        await connection.execute(SOURCE_TABLES if service.name == SOURCE else READER_TABLES)
    finally:
        await connection.close()


async def send(topics: Topics, topic: str, key: bytes, headers: dict[str, bytes | None], body: bytes | None) -> None:
    """Send a message past the outbox, as a foreign or a faulty sender would."""
    producer = AIOKafkaProducer(bootstrap_servers=topics.bootstrap_servers)
    async with producer:
        place = partition_of(key, len(await producer.partitions_for(topic)))
        await producer.send_and_wait(topic, body, key=key, headers=list(headers.items()), partition=place)


def state_headers(thing: str, version: str) -> dict[str, bytes | None]:
    """The headers of a state message of a thing."""
    return {
        "ce_id": uuid4().hex.encode(),
        "ce_source": f"/shouwang/{SOURCE}".encode(),
        "ce_type": ThingState.type().encode(),
        "ce_subject": thing.encode(),
        "ce_time": b"2024-03-05T01:00:00Z",
        "ce_sequence": version.encode(),
    }


def topics_of(broker: EmbeddedBroker, prefix: str) -> Topics:
    """The topics of a broker that a test cuts, breaks or replaces."""

    async def create(name: str, partitions: int, compacted: bool) -> None:
        broker.create_topic(name, partitions)

    return Topics(broker.bootstrap_servers, prefix, create)


async def has_effects(reader: Process, thing: str, count: int) -> bool:
    return len(await reader.effects(thing)) >= count


async def ended(*processes: Process) -> None:
    """Stop the workers while their broker still stands."""
    for process in processes:
        await process.stop()


async def nothing_pending(source: Process) -> bool:
    return bool(await source.value("select count(*) = 0 from chassis.outbox_pending"))


async def send_again(source: Process, times: int = 1) -> None:
    """Everything that was ever sent goes out again with its own ids, as after a lost acknowledgement."""
    for _ in range(times):
        await source.fetch(
            "insert into chassis.outbox_pending (id, recorded_at, topic, key) "
            "select id, recorded_at, topic, key from chassis.outbox"
        )
        await eventually(lambda: nothing_pending(source))


async def read(topics: Topics, topic: str) -> list[ConsumerRecord]:
    """Everything that stands in a topic now, partition by partition."""
    async with AIOKafkaConsumer(
        bootstrap_servers=topics.bootstrap_servers, auto_offset_reset="earliest", fetch_max_wait_ms=5
    ) as consumer:
        places = [TopicPartition(topic, p) for p in range(4)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        records: list[ConsumerRecord] = []
        for place in [place for place in places if ends[place] > 0]:
            await consumer.seek_to_beginning(place)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for found in (await consumer.getmany(timeout_ms=200)).values():
                records += found
    return sorted(records, key=lambda record: (record.partition, record.offset))


async def read_messages(topics: Topics, *, state: bool = False) -> list[Received]:
    """The source's messages without its heartbeats, partition by partition."""
    topic = (state_topic if state else public_topic)(SOURCE, topics.prefix)
    messages = [received(record) for record in await read(topics, topic)]
    return [message for message in messages if "heartbeat" not in message.type]


def first_sequences(messages: Sequence[Received]) -> dict[str, list[int]]:
    """By key the sequences in the order in which they came first; repeated messages count once."""
    seen: set[str] = set()
    by_key: dict[str, list[int]] = {}
    for message in messages:
        if message.event_id not in seen:
            seen.add(message.event_id)
            by_key.setdefault(message.key, []).append(message.sequence)
    return by_key

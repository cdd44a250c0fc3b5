"""The consumer of a service: one per service, under an advisory lock, with assigned partitions.

It reads states into projections in batches and public events into effects one by one. Positions move in the
transaction of the effect. While the database or Kafka is away it stands still and begins again from its positions.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from chassis import parking, positions
from chassis.effects import Effects
from chassis.kafka import Received
from chassis.leadership import leadership
from chassis.observability import Metrics
from chassis.positions import LogFinding, Position
from chassis.projector import Projector
from chassis.subscription import Subscription, is_passing
from chassis.unit_of_work import UnitsOfWork
from contracts.events.envelope import Raised, public_topic, state_topic
from contracts.events.plumbing import Heartbeat, ReplayRequested, StateRequested

BATCH = 2000
log = structlog.get_logger(__name__)

_PARKED_BY_REASON = """
select reason, count(*) as count, extract(epoch from now() - min(parked_at))::float as age
from chassis.parked_messages group by reason
"""


def received(record: ConsumerRecord) -> Received:
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    key = (record.key or b"").decode("utf-8", "replace")
    return Received(record.topic, record.partition, record.offset, key, headers, record.value)


class Consumer:
    """Reads until cancelled. `current_to()` says up to which system instant everything was read."""

    def __init__(
        self,
        *,
        service: str,
        subscription: Subscription,
        database_url: str,
        units: UnitsOfWork,
        producer: AIOKafkaProducer,
        new_consumer: Callable[[], AIOKafkaConsumer],
        topic_prefix: str,
        metrics: Metrics,
    ) -> None:
        self._service = service
        self._subscription = subscription
        self._url = database_url
        self._units = units
        self._producer = producer
        self._new_consumer = new_consumer
        self._prefix = topic_prefix
        self._metrics = metrics
        self._state_topics = {state_topic(source, topic_prefix) for source in subscription.kinds_by_source()}
        self._tracked = {public_topic(source, topic_prefix) for source in subscription.event_sources()}
        requests = {public_topic(source, topic_prefix) for source in subscription.requests_from}
        self._event_topics = self._tracked | requests
        self._positions: dict[tuple[str, int], Position] = {}
        self._expect: dict[TopicPartition, tuple[int, str]] = {}
        self._parked: set[tuple[str, str]] = set()
        self._projector = Projector(subscription.handlers, self._parked)
        self._effects = Effects(
            service=service,
            reactions=subscription.reactions,
            tracked_topics=self._tracked,
            units=units,
            projector=self._projector,
            parked=self._parked,
        )
        self._next_look = 0.0
        self.reading = asyncio.Event()
        """Set while partitions are assigned and positions are known."""

    async def run(self) -> None:
        if not self._state_topics and not self._event_topics:
            self.reading.set()
            return
        while True:
            try:
                async with leadership(self._url, "consumer") as connection:
                    await self._lead(connection)
            except Exception as error:
                # Whatever it was, it was not one message's content: stand still, then begin from the positions.
                level = log.warning if is_passing(error) else log.error
                level("consumer-paused", error=type(error).__name__, exc_info=error)
                await asyncio.sleep(0.5)
            finally:
                self.reading.clear()

    async def _lead(self, connection: asyncpg.Connection) -> None:
        consumer = self._new_consumer()
        try:
            await consumer.start()
            await self._start(connection, consumer)
            while True:
                await self._poll(connection, consumer)
        finally:
            await consumer.stop()

    def current_to(self, topics: set[str] | None = None) -> datetime | None:
        """The system instant up to which the given topics (default: all state topics) were read; None: unknown."""
        wanted = self._state_topics if topics is None else topics
        instants = [p.current_to for (topic, _), p in self._positions.items() if topic in wanted]
        known = [instant for instant in instants if instant is not None]
        return min(known) if known and len(known) == len(instants) else None

    # -- start: where each partition goes on, and whether its log is still the one that was read

    async def _start(self, connection: asyncpg.Connection, consumer: AIOKafkaConsumer) -> None:
        self._positions = await positions.load(connection)
        self._parked.clear()
        self._parked.update(await parking.parked_keys(connection))
        self._expect.clear()
        partitions = [
            TopicPartition(topic, partition)
            for topic in sorted(self._state_topics | self._event_topics)
            for partition in sorted(await self._producer.partitions_for(topic))
        ]
        consumer.assign(partitions)
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[TopicPartition, LogFinding] = {}
        for place in partitions:
            remembered = self._positions.get((place.topic, place.partition))
            compacted = place.topic in self._state_topics
            start = positions.start_of(remembered, begins[place], ends[place], compacted=compacted)
            if start.finding is not None:
                found[place] = start.finding
            if start.expect is not None:
                self._expect[place] = (start.offset, start.expect)
            consumer.seek(place, start.offset)
        await self._heal(connection, found)
        self.reading.set()

    async def _heal(self, connection: asyncpg.Connection, found: Mapping[TopicPartition, LogFinding]) -> None:
        """Write down what was recognised, and ask each source once to say again what may be missing.

        A first start asks for state as well: the log may be newer than what its source knows.
        """
        states: set[str] = set()
        replays: dict[str, datetime] = {}
        for place, finding in found.items():
            source = place.topic.removeprefix(self._prefix).split(".")[1]
            await self._report(connection, finding, place.topic, place.partition)
            if place.topic in self._state_topics:
                states.add(source)
            elif place.topic in self._tracked and finding is not LogFinding.FIRST_START:
                remembered = self._positions.get((place.topic, place.partition))
                if remembered is not None and remembered.current_to is not None:
                    replays[source] = min(remembered.current_to, replays.get(source, remembered.current_to))
        kinds = self._subscription.kinds_by_source()
        await self._ask(
            [
                *(StateRequested(source=source, kinds=kinds[source], division="") for source in sorted(states)),
                *(ReplayRequested(source=source, since=since) for source, since in sorted(replays.items())),
            ]
        )

    async def _report(
        self, connection: asyncpg.Connection, finding: LogFinding, topic: str, partition: int, **detail: object
    ) -> None:
        self._metrics.log_findings.labels(finding.value).inc()
        if finding is not LogFinding.FIRST_START:
            await positions.report(connection, finding, topic, partition, **detail)
            log.warning("log-recognised", finding=finding.value, topic=topic, partition=partition)

    async def _ask(self, requests: Sequence[StateRequested | ReplayRequested]) -> None:
        if not requests:
            return
        async with self._units.begin(person=f"service:{self._service}", client=self._service) as uow:
            uow.raise_events(
                Raised(data=request, key=f"request/{request.source}", subject=request.source, division="")
                for request in requests
            )
            await uow.commit()

    # -- reading

    async def _poll(self, connection: asyncpg.Connection, consumer: AIOKafkaConsumer) -> None:
        messages: list[Received] = []
        for place, records in (await consumer.getmany(timeout_ms=200, max_records=BATCH)).items():
            read = [received(record) for record in records]
            messages += await self._recognised(connection, consumer, place, read)
        await self._absorb_states(connection, [m for m in messages if m.topic in self._state_topics])
        await self._absorb_events(connection, [m for m in messages if m.topic not in self._state_topics])
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + 1
            await self._effects.release(connection)
            await self._measure(connection)

    async def _recognised(
        self,
        connection: asyncpg.Connection,
        consumer: AIOKafkaConsumer,
        place: TopicPartition,
        read: list[Received],
    ) -> list[Received]:
        """Drop the message that only had to identify the log; begin again where it is another log."""
        expected = self._expect.pop(place, None)
        if expected is None or not read:
            return read
        offset, event_id = expected
        if read[0].offset == offset and read[0].event_id == event_id:
            return read[1:]
        if read[0].offset > offset and place.topic in self._state_topics:
            return read  # compacted away, which is normal there
        finding = LogFinding.REPLACED if read[0].offset == offset else LogFinding.BEGINNING_LOST
        consumer.seek(place, (await consumer.beginning_offsets([place]))[place])
        await self._heal(connection, {place: finding})
        return []

    async def _absorb_states(self, connection: asyncpg.Connection, messages: Sequence[Received]) -> None:
        if not messages:
            return
        moved: dict[tuple[str, int], Position] = {}
        for message in messages:
            moved[message.topic, message.partition] = self._move(message)
            self._metrics.consumed.labels(message.topic, "state").inc()
        arrived = await self._projector.absorb(connection, messages, moved)
        if self._parked:
            await self._effects.release(connection, arrived)

    async def _absorb_events(self, connection: asyncpg.Connection, messages: Sequence[Received]) -> None:
        skipped: dict[tuple[str, int], Position] = {}
        for message in messages:
            moved = self._move(message)
            place = (message.topic, message.partition)
            if not self._effects.handles(message):
                skipped[place] = moved
                continue
            jumped_from = await self._effects.absorb(connection, message, moved)
            skipped.pop(place, None)
            self._metrics.consumed.labels(message.topic, "event").inc()
            if jumped_from is not None:
                await self._heal_gap(connection, message, jumped_from)
        await positions.save(connection, skipped)

    async def _heal_gap(self, connection: asyncpg.Connection, message: Received, jumped_from: int) -> None:
        await self._report(
            connection,
            LogFinding.GAP,
            message.topic,
            message.partition,
            after_sequence=jumped_from,
            sequence=message.sequence,
        )
        await self._ask([ReplayRequested(source=message.source, key=message.key, after_sequence=jumped_from)])

    def _move(self, message: Received) -> Position:
        """The position behind a message; a heartbeat also says up to when everything was sent."""
        place = (message.topic, message.partition)
        before = self._positions.get(place)
        current_to = before.current_to if before else None
        if message.type.endswith(f".{Heartbeat.name}.v1") and message.payload is not None:
            try:
                current_to = Heartbeat.model_validate_json(message.payload).sent_up_to
            except ValueError:
                log.warning("heartbeat-malformed", topic=message.topic)
        self._positions[place] = Position(message.offset + 1, message.event_id, current_to)
        return self._positions[place]

    async def _measure(self, connection: asyncpg.Connection) -> None:
        rows = await connection.fetch(_PARKED_BY_REASON)
        self._metrics.parked.clear()
        for row in rows:
            self._metrics.parked.labels(row["reason"]).set(row["count"])
        self._metrics.parked_oldest_seconds.set(max((row["age"] for row in rows), default=0))
        current_to = self.current_to()
        if current_to is not None:
            self._metrics.behind_seconds.set(max(0.0, time.time() - current_to.timestamp()))

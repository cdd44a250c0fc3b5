"""The consumer of a service: one per service, under an advisory lock, with assigned partitions.

It reads states into projections in batches and public events into effects one by one. Positions move in the
transaction of the effect. While the database or Kafka is away it stands still and begins again from its positions.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import kafka, parking, positions
from chassis.effects import Effects
from chassis.healing import Healing
from chassis.kafka import Received, received
from chassis.leadership import leadership
from chassis.observability import Metrics
from chassis.outages import end_if_cancelled, is_passing
from chassis.positions import LogFinding, Position
from chassis.projector import Projector
from chassis.subscription import Subscription
from chassis.unit_of_work import UnitsOfWork
from contracts.events.envelope import public_topic, state_topic
from contracts.events.plumbing import Heartbeat

BATCH = 2000
log = structlog.get_logger(__name__)

_PARKED_BY_REASON = """
select reason, count(*) as count, extract(epoch from now() - min(parked_at))::float as age
from chassis.parked_messages group by reason
"""


class PartitionsChanged(ConnectionError):
    """A topic has other partitions than those that are read: begin again with all of them."""


class Consumer:
    """Reads until cancelled. `current_to()` says up to which system instant everything was read."""

    def __init__(
        self,
        *,
        service: str,
        subscription: Subscription,
        database_url: str,
        units: UnitsOfWork,
        new_consumer: Callable[[], AIOKafkaConsumer],
        partitions_of: Callable[[Collection[str]], Awaitable[list[TopicPartition]]],
        topic_prefix: str,
        metrics: Metrics,
        silence_s: float,
    ) -> None:
        self._url = database_url
        self._new_consumer = new_consumer
        self._partitions_of = partitions_of
        self._metrics = metrics
        self._silence_s = silence_s
        self._state_topics = {state_topic(source, topic_prefix) for source in subscription.kinds_by_source()}
        self._tracked = {public_topic(source, topic_prefix) for source in subscription.event_sources()}
        requests = {public_topic(source, topic_prefix) for source in subscription.requests_from}
        self._event_topics = self._tracked | requests
        self._assigned: dict[TopicPartition, float] = {}
        """When something was last heard on each partition, by the clock that stands still while nobody listens."""
        self._busy = 0.0
        """Seconds spent with what was read, all in all."""
        self._positions: dict[tuple[str, int], Position] = {}
        self._expect: dict[TopicPartition, tuple[int, str]] = {}
        self._missing: dict[tuple[str, int], datetime] = {}
        """Since when something is missing from logs of which nothing was read after that was found."""
        self._parked: set[tuple[str, str]] = set()
        self._projector = Projector(subscription.handlers, self._parked)
        self._healing = Healing(
            service=service,
            kinds=subscription.kinds_by_source(),
            tracked_topics=self._tracked,
            topic_prefix=topic_prefix,
            units=units,
            metrics=metrics,
        )
        self._effects = Effects(
            service=service,
            reactions=subscription.reactions,
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
                end_if_cancelled()
                # Whatever it was, it was not one message's content: stand still, then begin from the positions.
                level = log.warning if is_passing(error) else log.error
                level("consumer-paused", error=type(error).__name__, exc_info=error)
                await asyncio.sleep(0.5)
            finally:
                self.reading.clear()

    async def _lead(self, connection: asyncpg.Connection) -> None:
        consumer = self._new_consumer()
        try:
            await kafka.start(consumer)
            await self._start(connection, consumer)
            while True:
                await self._poll(connection, consumer)
        finally:
            await consumer.stop()

    def current_to(self, topics: set[str] | None = None) -> datetime | None:
        """The system instant up to which the given topics (default: all state topics) were read; None: unknown."""
        wanted = self._state_topics if topics is None else topics
        read = [self._positions.get((topic, partition)) for topic, partition in self._assigned if topic in wanted]
        known = [position.current_to for position in read if position is not None and position.current_to is not None]
        return min(known) if known and len(known) == len(read) else None

    # -- start: where each partition goes on, and whether its log is still the one that was read

    async def _start(self, connection: asyncpg.Connection, consumer: AIOKafkaConsumer) -> None:
        self._positions = await positions.load(connection)
        self._parked.clear()
        self._parked.update(await parking.parked_keys(connection))
        self._expect.clear()
        self._missing.clear()
        partitions = await self._partitions_of(self._state_topics | self._event_topics)
        self._assigned = dict.fromkeys(partitions, self._listened())
        consumer.assign(partitions)
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[TopicPartition, LogFinding] = {}
        unanswered: list[TopicPartition] = []
        for place in partitions:
            remembered = self._positions.get((place.topic, place.partition))
            compacted = place.topic in self._state_topics
            start = positions.start_of(remembered, begins[place], ends[place], compacted=compacted)
            if start.finding is not None:
                found[place] = start.finding
            elif remembered is not None and remembered.missing_since is not None:
                unanswered.append(place)
            if start.expect is not None:
                self._expect[place] = (start.offset, start.expect)
            consumer.seek(place, start.offset)
        self._missing |= await self._healing.of_logs(found, self._positions, unanswered)
        # A state may have arrived just before this process's predecessor died, and nobody looked who waits for it.
        await self._effects.release(connection, await parking.awaited(connection))
        self.reading.set()

    # -- reading

    async def _poll(self, connection: asyncpg.Connection, consumer: AIOKafkaConsumer) -> None:
        messages: list[Received] = []
        found: dict[TopicPartition, LogFinding] = {}
        for place, records in (await consumer.getmany(timeout_ms=200, max_records=BATCH)).items():
            self._assigned[place] = self._listened()
            read = [received(record) for record in records]
            messages += await self._recognised(consumer, place, read, found)
        began = time.monotonic()
        self._missing |= await self._healing.of_logs(found, self._positions)
        await self._absorb_states(connection, [m for m in messages if m.topic in self._state_topics])
        await self._absorb_events(connection, [m for m in messages if m.topic not in self._state_topics])
        self._busy += time.monotonic() - began
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + 1
            await self._effects.release(connection)
            await self._measure(connection)
            self._look(consumer)

    def _listened(self) -> float:
        # Seeking throws away what was fetched. Were time counted in which other partitions kept this consumer busy, one
        # of which messages wait would be thrown back again and again, and never be read.
        return time.monotonic() - self._busy

    def _look(self, consumer: AIOKafkaConsumer) -> None:
        """Notice new partitions, and identify a log again on which nothing was heard for a while.

        Heartbeats come every few seconds. Where they stay away Kafka may be gone, and what comes back another log.
        """
        for topic in self._state_topics | self._event_topics:
            known = consumer.partitions_for_topic(topic)
            if known and any(TopicPartition(topic, partition) not in self._assigned for partition in known):
                raise PartitionsChanged(topic)
        now = self._listened()
        for place, heard in self._assigned.items():
            position = self._positions.get((place.topic, place.partition))
            if position is not None and now - heard > self._silence_s:
                self._assigned[place] = now
                self._expect[place] = (position.next_offset - 1, position.message_id)
                consumer.seek(place, position.next_offset - 1)

    async def _recognised(
        self,
        consumer: AIOKafkaConsumer,
        place: TopicPartition,
        read: list[Received],
        found: dict[TopicPartition, LogFinding],
    ) -> list[Received]:
        """Drop the message that only had to identify the log; begin again where it is another log, which is found."""
        expected = self._expect.pop(place, None)
        if expected is None or not read:
            return read
        offset, event_id = expected
        if read[0].offset == offset and read[0].event_id == event_id:
            return read[1:]
        if read[0].offset > offset and place.topic in self._state_topics:
            return read  # compacted away, which is normal there
        found[place] = LogFinding.REPLACED if read[0].offset == offset else LogFinding.BEGINNING_LOST
        consumer.seek(place, (await consumer.beginning_offsets([place]))[place])
        return []

    async def _absorb_states(self, connection: asyncpg.Connection, messages: Sequence[Received]) -> None:
        if not messages:
            return
        moved: dict[tuple[str, int], Position] = {}
        for message in messages:
            place = (message.topic, message.partition)
            moved[place] = self._behind(message, moved.get(place) or self._positions.get(place))
            self._metrics.consumed.labels(message.topic, "state").inc()
        arrived = await self._projector.absorb(connection, messages, moved)
        self._positions |= moved
        if self._parked:
            await self._effects.release(connection, arrived)

    async def _absorb_events(self, connection: asyncpg.Connection, messages: Sequence[Received]) -> None:
        if not messages:
            return
        await self._healing.of_numbers([message for message in messages if message.topic in self._tracked])
        skipped: dict[tuple[str, int], Position] = {}
        for message in messages:
            place = (message.topic, message.partition)
            moved = self._behind(message, self._positions.get(place))
            if self._effects.handles(message):
                await self._effects.absorb(connection, message, moved)
                skipped.pop(place, None)
                self._metrics.consumed.labels(message.topic, "event").inc()
            else:
                skipped[place] = moved
            self._positions[place] = moved
        await positions.save(connection, skipped)

    async def _measure(self, connection: asyncpg.Connection) -> None:
        rows = await connection.fetch(_PARKED_BY_REASON)
        self._metrics.parked.clear()
        for row in rows:
            self._metrics.parked.labels(row["reason"]).set(row["count"])
        self._metrics.parked_oldest_seconds.set(max((row["age"] for row in rows), default=0))
        current_to = self.current_to()
        if current_to is not None:
            self._metrics.behind_seconds.set(max(0.0, time.time() - current_to.timestamp()))

    def _behind(self, message: Received, before: Position | None) -> Position:
        """The position behind a message; a heartbeat also says up to when everything was sent. That never goes back.

        While something is missing from the log, it is not current to any later instant than before.
        """
        place = (message.topic, message.partition)
        behind = Position(
            message.offset + 1,
            message.event_id,
            before.current_to if before else None,
            self._missing.pop(place, before.missing_since if before else None),
        )
        beat = _heartbeat(message)
        if beat is None or not self._healing.is_answered(place, behind, beat):
            return behind
        current_to = max(beat.sent_up_to, behind.current_to or beat.sent_up_to)
        return replace(behind, current_to=current_to, missing_since=None)


def _heartbeat(message: Received) -> Heartbeat | None:
    if not message.type.endswith(f".{Heartbeat.name}.v1") or message.payload is None:
        return None
    try:
        return Heartbeat.model_validate_json(message.payload)
    except ValueError:
        log.warning("heartbeat-malformed", topic=message.topic)
        return None

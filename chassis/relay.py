"""The relay: one leader per service sends what stands in the outbox, in order, and marks each message as sent.

A cursor over ids would lose rows (a lower id may be committed later); deleting each sent message from the narrow
table of pending ones cannot. A message that can never be sent is parked with its key, and other keys move on. Between
messages it tells each partition up to which instant everything was sent.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from chassis import crash, kafka
from chassis.leadership import leadership
from chassis.observability import Metrics
from contracts.events.envelope import public_topic, sequence_text, state_topic
from contracts.events.plumbing import Heartbeat

CHUNK = 2000
POLL_S = 0.02
log = structlog.get_logger(__name__)

# One round trip marks what was sent and reads what comes next. Within one pass ids rise; a row that is committed late
# with a lower id is found by the next pass, which begins at zero.
_MARK_AND_NEXT = f"""
with sent as (delete from chassis.outbox_pending where id = any($1::bigint[]))
select outbox.id, outbox.topic, outbox.key, outbox.sequence, outbox.headers, outbox.payload
from chassis.outbox_pending as pending join chassis.outbox using (recorded_at, id)
where pending.id > $2 and pending.id <> all($1::bigint[])
  and not exists (select from chassis.outbox_parked as parked
                  where parked.topic = pending.topic and parked.key = pending.key)
order by pending.id limit {CHUNK}
"""
_PARK = """
insert into chassis.outbox_parked (topic, key, outbox_id, reason) values ($1, $2, $3, $4) on conflict do nothing
"""
# A transaction that is still open may yet commit messages recorded when it began.
_SENT_UP_TO = """
select least(
    clock_timestamp(),
    (select min(recorded_at) from chassis.outbox_pending as pending
     where not exists (select from chassis.outbox_parked as parked
                       where parked.topic = pending.topic and parked.key = pending.key)),
    (select min(xact_start) from pg_stat_activity where datname = current_database() and backend_xid is not null))
"""
_BACKLOG = """
select (select count(*) from chassis.outbox_pending),
       coalesce((select extract(epoch from clock_timestamp() - min(recorded_at))
                 from chassis.outbox_pending), 0)::float,
       (select count(*) from chassis.outbox_parked)
"""


class _Unsendable(Exception):
    """One message that can never be sent."""

    def __init__(self, row: asyncpg.Record, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.reason = reason


class Relay:
    """Sends the outbox of one service until cancelled. Survives Kafka and the database being away."""

    def __init__(
        self,
        *,
        database_url: str,
        producer: AIOKafkaProducer,
        service: str,
        topic_prefix: str,
        metrics: Metrics,
        heartbeat_s: float,
        wake: asyncio.Event,
    ) -> None:
        self._url = database_url
        self._producer = producer
        self._service = service
        self._topics = (public_topic(service, topic_prefix), state_topic(service, topic_prefix))
        self._metrics = metrics
        self._heartbeat_s = heartbeat_s
        self._wake = wake
        self.alive_at = 0.0
        """System time of the last completed pass, for readiness."""

    async def run(self) -> None:
        while True:
            try:
                async with leadership(self._url, "relay") as connection:
                    log.info("relay-leads")
                    await self._lead(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError) as error:
                log.warning("relay-paused", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _lead(self, connection: asyncpg.Connection) -> None:
        next_heartbeat = 0.0
        while True:
            self._wake.clear()
            await self.drain(connection)
            if time.monotonic() >= next_heartbeat:
                await self.heartbeat(connection)
                next_heartbeat = time.monotonic() + self._heartbeat_s
            self.alive_at = time.time()
            try:
                await asyncio.wait_for(self._wake.wait(), POLL_S)
            except TimeoutError:
                continue

    async def drain(self, connection: asyncpg.Connection) -> int:
        """Send everything that is pending now, in passes; returns how many messages were sent and marked.

        While one chunk is on its way, the one before it is marked and the next one is read.
        """
        total = 0
        sent: list[int] = []
        rows = await connection.fetch(_MARK_AND_NEXT, sent, 0)
        while rows:
            sending = asyncio.ensure_future(self._send(rows))
            try:
                ahead = await connection.fetch(_MARK_AND_NEXT, sent, rows[-1]["id"])
            finally:
                # Whatever happens, no chunk is left on its way: the next pass would overtake it.
                outcome = (await asyncio.gather(sending, return_exceptions=True))[0]
            if isinstance(outcome, _Unsendable):
                await self._park(connection, outcome)
                sent, rows = [], await connection.fetch(_MARK_AND_NEXT, [], 0)
                continue
            if isinstance(outcome, BaseException):
                raise outcome
            crash.point("after-send")
            sent = [row["id"] for row in rows]
            total += len(sent)
            if not ahead:
                ahead = await connection.fetch(_MARK_AND_NEXT, sent, 0)
                crash.point("after-mark")
                sent = []
            rows = ahead
        return total

    async def _send(self, rows: Sequence[asyncpg.Record]) -> None:
        """Send a chunk, one batch after another per partition, and wait until all are acknowledged."""
        by_partition: dict[tuple[str, int], list[asyncpg.Record]] = {}
        partitions: dict[str, int] = {}
        for row in rows:
            topic = row["topic"]
            if topic not in partitions:
                partitions[topic] = len(await self._producer.partitions_for(topic))
            place = (topic, kafka.partition_of(row["key"].encode(), partitions[topic]))
            by_partition.setdefault(place, []).append(row)
        outcomes = await asyncio.gather(
            *(self._send_partition(topic, partition, part) for (topic, partition), part in by_partition.items()),
            return_exceptions=True,
        )
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for failure in failures:
            if not isinstance(failure, _Unsendable):
                raise failure
        if failures:
            raise failures[0]
        for (topic, _), part in by_partition.items():
            self._metrics.sent.labels(topic).inc(len(part))

    async def _send_partition(self, topic: str, partition: int, rows: Sequence[asyncpg.Record]) -> None:
        acknowledgements = []
        batch, first = self._producer.create_batch(), 0
        for index, row in enumerate(rows):
            if self._append(batch, row):
                continue
            if batch.record_count() == 0:
                raise _Unsendable(row, "too-large")
            acknowledgements.append((await self._producer.send_batch(batch, topic, partition=partition), first, index))
            batch, first = self._producer.create_batch(), index
            if not self._append(batch, row):
                raise _Unsendable(row, "too-large")
        acknowledgements.append((await self._producer.send_batch(batch, topic, partition=partition), first, len(rows)))
        for acknowledgement, start, end in acknowledgements:
            try:
                await acknowledgement
            except MessageSizeTooLargeError as error:
                if end - start == 1:
                    raise _Unsendable(rows[start], "refused-too-large") from error
                for row in rows[start:end]:  # find the one that the broker refuses
                    await self._send_partition(topic, partition, [row])

    @staticmethod
    def _append(batch: object, row: asyncpg.Record) -> bool:
        headers = [(name, value.encode()) for name, value in json.loads(row["headers"]).items()]
        headers.append(("ce_sequence", sequence_text(row["sequence"]).encode()))
        metadata = batch.append(  # type: ignore[attr-defined]
            key=row["key"].encode(), value=row["payload"], timestamp=int(time.time() * 1000), headers=headers
        )
        return metadata is not None

    async def _park(self, connection: asyncpg.Connection, found: _Unsendable) -> None:
        row = found.row
        await connection.execute(_PARK, row["topic"], row["key"], row["id"], found.reason)
        log.error("outbox-key-parked", topic=row["topic"], outbox_id=row["id"], reason=found.reason)

    async def heartbeat(self, connection: asyncpg.Connection) -> None:
        """Tell every partition of both topics up to which system instant all messages were sent."""
        sent_up_to: datetime = await connection.fetchval(_SENT_UP_TO)
        pending, oldest, parked = (await connection.fetch(_BACKLOG))[0]
        self._metrics.outbox_pending.set(pending)
        self._metrics.outbox_oldest_seconds.set(oldest)
        self._metrics.outbox_parked.set(parked)
        body = Heartbeat(sent_up_to=sent_up_to, parked_keys=parked).model_dump_json().encode()
        acknowledgements = []
        for topic in self._topics:
            for partition in sorted(await self._producer.partitions_for(topic)):
                batch = self._producer.create_batch()
                batch.append(
                    key=f"heartbeat/{partition}".encode(),
                    value=body,
                    timestamp=int(time.time() * 1000),
                    headers=self._heartbeat_headers(partition),
                )
                acknowledgements.append(await self._producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*acknowledgements)

    def _heartbeat_headers(self, partition: int) -> list[tuple[str, bytes]]:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(uuid4()),
            "ce_source": f"/shouwang/{self._service}",
            "ce_type": f"shouwang.{self._service}.{Heartbeat.name}.v1",
            "ce_subject": f"partition/{partition}",
            "ce_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "content-type": "application/json",
        }
        return [(name, value.encode()) for name, value in headers.items()]

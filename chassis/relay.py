"""The relay: one leader per service sends what stands in the outbox, in order, and marks each message as sent.

Deleting each sent message from the narrow table of pending ones loses nothing. A cursor over ids would, and even
within one pass it would break the order of a key: a lower id may be committed after the cursor went by, and the next
id of its key right behind it. So every chunk begins at the lowest id that is pending. A message that can never be sent
is parked with its key, and other keys move on. Between messages the relay tells each partition up to which instant
everything was sent.
"""

import asyncio
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import structlog

from chassis import crash, kafka, waiting
from chassis.kafka import Producer
from chassis.leadership import leadership
from chassis.observability import Metrics
from chassis.outages import SURROUNDINGS, end_if_cancelled
from chassis.sending import BatchRefused, ProducerSpent, Sender, Unsendable
from contracts.events.envelope import public_topic, state_topic
from contracts.events.plumbing import Heartbeat, Replayed, Restated

CHUNK = 2000
POLL_S = 0.02
log = structlog.get_logger(__name__)

_UNPARKED = """
not exists (select from chassis.outbox_parked as parked where parked.topic = pending.topic and parked.key = pending.key)
"""
# One round trip marks what was sent ($1) and reads what comes next, without what is on its way ($2).
_MARK_AND_NEXT = f"""
with sent as (delete from chassis.outbox_pending where id = any($1::bigint[]))
select outbox.id, outbox.topic, outbox.key, outbox.sequence, outbox.headers, outbox.payload
from chassis.outbox_pending as pending join chassis.outbox using (recorded_at, id)
where pending.id <> all($1::bigint[]) and pending.id <> all($2::bigint[]) and {_UNPARKED}
order by pending.id limit $3
"""
_MARK = "delete from chassis.outbox_pending where id = any($1::bigint[])"
_PARK = """
insert into chassis.outbox_parked (topic, key, outbox_id, reason) values ($1, $2, $3, $4) on conflict do nothing
"""
# Three statements in this order. A transaction that may still commit messages recorded before the first has an id by
# then (chassis.outbox sees to that), so the second sees it, or it has ended and the third sees its messages.
_NOW = "select clock_timestamp()"
_OLDEST_OPEN = """
select min(xact_start) from pg_stat_activity where datname = current_database() and backend_xid is not null
"""
_OLDEST_PENDING = f"""
select min(recorded_at) from chassis.outbox_pending as pending where not again and {_UNPARKED}
"""
# Asked after the instant ($1) was found up to which everything was sent: what ended before has been sent as a whole.
_RESTATED = """
select stated as kind, max((result->>'begun')::timestamptz) as since
from chassis.operations, jsonb_array_elements_text(result->'kinds') as stated
where kind = 'republish-state' and state = 'succeeded' and division = '' and finished_at < $1 group by stated
"""
_REPLAYED = f"""
select (arguments->>'since')::timestamptz as since, (arguments->>'until')::timestamptz as until
from chassis.operations
where kind = 'replay' and state = 'succeeded' and arguments->>'key' is null
  and not exists (select from chassis.outbox_pending as pending where again and {_UNPARKED})
order by until desc limit 5
"""
_PARKED = "select count(*) from chassis.outbox_parked"


class Relay:
    """Sends the outbox of one service until cancelled. Survives Kafka and the database being away."""

    def __init__(
        self,
        *,
        database_url: str,
        new_producer: Callable[[], Producer],
        service: str,
        topic_prefix: str,
        metrics: Metrics,
        heartbeat_s: float,
        wake: asyncio.Event,
        chunk: int = CHUNK,
    ) -> None:
        self._url = database_url
        self._new_producer = new_producer
        self._service = service
        self._topics = (public_topic(service, topic_prefix), state_topic(service, topic_prefix))
        self._metrics = metrics
        self._heartbeat_s = heartbeat_s
        self._wake = wake
        self._chunk = chunk
        self._singly = False
        """Whether messages go one by one, because the broker refused a batch, until the refused one is found."""
        self.alive_at = 0.0
        """System time of the last completed pass, for readiness."""

    async def run(self) -> None:
        while True:
            try:
                async with (
                    leadership(self._url, "relay") as connection,
                    kafka.producing(self._new_producer) as producer,
                ):
                    log.info("relay-leads")
                    await self._lead(connection, Sender(producer, self._metrics))
            except (asyncpg.PostgresError, *SURROUNDINGS) as error:
                end_if_cancelled()
                log.warning("relay-paused", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _lead(self, connection: asyncpg.Connection, sender: Sender) -> None:
        next_heartbeat = 0.0
        while True:
            self._wake.clear()
            await self.drain(connection, sender, until=next_heartbeat)
            if time.monotonic() >= next_heartbeat:
                await self.heartbeat(connection, sender.producer)
                next_heartbeat = time.monotonic() + self._heartbeat_s
            self.alive_at = time.time()
            await waiting.until_set(self._wake, POLL_S)

    async def drain(self, connection: asyncpg.Connection, sender: Sender, *, until: float = math.inf) -> int:
        """Send what is pending until nothing is left or the monotonic time `until` is past; returns how many.

        While one chunk is on its way, the one before it is marked and the next one is read.
        """
        total = 0
        rows = await connection.fetch(_MARK_AND_NEXT, [], [], self._chunk)
        sent: list[int] = []
        while rows:
            on_their_way = [row["id"] for row in rows]
            sending = asyncio.ensure_future(sender.send(rows, singly=self._singly))
            try:
                ahead = await connection.fetch(_MARK_AND_NEXT, sent, on_their_way, self._chunk)
                await asyncio.wait([sending])
            finally:
                sending.cancel()
            sent = []
            try:
                sending.result()
            except Unsendable as found:
                await self._park(connection, found)
                rows = await connection.fetch(_MARK_AND_NEXT, [], [], self._chunk)
                continue
            except BatchRefused:
                self._singly = True
                raise
            crash.point("after-send")
            self._singly = False
            sent = on_their_way
            total += len(sent)
            if not ahead or time.monotonic() >= until:
                await connection.execute(_MARK, sent)
                crash.point("after-mark")
                return total
            rows = ahead
        return total

    async def _park(self, connection: asyncpg.Connection, found: Unsendable) -> None:
        row = found.row
        await connection.execute(_PARK, row["topic"], row["key"], row["id"], found.reason)
        log.error("outbox-key-parked", topic=row["topic"], outbox_id=row["id"], reason=found.reason)
        if found.by_broker:
            raise ProducerSpent

    async def heartbeat(self, connection: asyncpg.Connection, producer: Producer) -> None:
        """Tell every partition of both topics up to which system instant all messages were sent."""
        sent_up_to = await _sent_up_to(connection)
        body = (await _heartbeat(connection, sent_up_to)).model_dump_json().encode()
        acknowledgements = []
        for topic in self._topics:
            for partition in sorted(await producer.partitions_for(topic)):
                batch = producer.create_batch()
                batch.append(
                    key=f"heartbeat/{partition}".encode(),
                    value=body,
                    timestamp=int(time.time() * 1000),
                    headers=self._heartbeat_headers(partition),
                )
                acknowledgements.append(await producer.send_batch(batch, topic, partition=partition))
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


async def _heartbeat(connection: asyncpg.Connection, sent_up_to: datetime) -> Heartbeat:
    restated = await connection.fetch(_RESTATED, sent_up_to)
    replayed = await connection.fetch(_REPLAYED)
    return Heartbeat(
        sent_up_to=sent_up_to,
        parked_keys=await connection.fetchval(_PARKED),
        restated=tuple(Restated(kind=row["kind"], since=row["since"]) for row in restated),
        replayed=tuple(Replayed(since=row["since"], until=row["until"]) for row in replayed),
    )


async def _sent_up_to(connection: asyncpg.Connection) -> datetime:
    """The instant before which everything that was ever recorded has been sent, whatever is still open."""
    instants = [await connection.fetchval(query) for query in (_NOW, _OLDEST_OPEN, _OLDEST_PENDING)]
    oldest: datetime = min(instant for instant in instants if instant is not None)
    return oldest

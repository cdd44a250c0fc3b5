"""Sends a chunk of the outbox to Kafka, in order per partition, and names the message that can never be sent."""

import asyncio
import json
import time
from collections.abc import Sequence

import asyncpg
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from chassis import kafka
from chassis.kafka import Producer
from chassis.observability import Metrics
from contracts.events.envelope import sequence_text


class Unsendable(Exception):
    """One message that can never be sent."""

    def __init__(self, row: asyncpg.Record, reason: str, *, by_broker: bool) -> None:
        super().__init__(reason)
        self.row = row
        self.reason = reason
        self.by_broker = by_broker


class BatchRefused(KafkaError):  # type: ignore[misc]
    """The broker refused a batch of several messages as too large; one of them, or only all together, are."""


class ProducerSpent(KafkaError):  # type: ignore[misc]
    """The broker refused a message, and with it the numbers that the producer had given it; another one must go on."""


class Sender:
    """Sends through one producer."""

    def __init__(self, producer: Producer, metrics: Metrics) -> None:
        self.producer = producer
        self._metrics = metrics

    async def send(self, rows: Sequence[asyncpg.Record], *, singly: bool = False) -> None:
        """Send a chunk and wait until all of it is acknowledged; raises Unsendable, BatchRefused or a KafkaError."""
        by_partition: dict[tuple[str, int], list[asyncpg.Record]] = {}
        partitions: dict[str, int] = {}
        for row in rows:
            topic = row["topic"]
            if topic not in partitions:
                partitions[topic] = len(await self.producer.partitions_for(topic))
            place = (topic, kafka.partition_of(row["key"].encode(), partitions[topic]))
            by_partition.setdefault(place, []).append(row)
        outcomes = await asyncio.gather(
            *(self._send_partition(place, part, singly) for place, part in by_partition.items()),
            return_exceptions=True,
        )
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for failure in failures:
            if not isinstance(failure, Unsendable):
                raise failure
        if failures:
            raise failures[0]
        for (topic, _), part in by_partition.items():
            self._metrics.sent.labels(topic).inc(len(part))

    async def _send_partition(self, place: tuple[str, int], rows: Sequence[asyncpg.Record], singly: bool) -> None:
        # A batch is acknowledged before the next one is handed over: were the first refused after the second was
        # accepted, a key's messages would stand in the wrong order. The client sends one at a time anyway.
        topic, partition = place
        rest = list(rows)
        while rest:
            batch = self.producer.create_batch()
            count = 0
            while count < len(rest) and not (singly and count) and self._append(batch, rest[count]):
                count += 1
            if count == 0:
                raise Unsendable(rest[0], "too-large", by_broker=False)
            try:
                await (await self.producer.send_batch(batch, topic, partition=partition))
            except MessageSizeTooLargeError as error:
                if count > 1:
                    raise BatchRefused from error
                raise Unsendable(rest[0], "refused-too-large", by_broker=True) from error
            rest = rest[count:]

    @staticmethod
    def _append(batch: object, row: asyncpg.Record) -> bool:
        # The client takes the first message of a batch whatever its size.
        if len(row["payload"] or b"") > kafka.LARGEST_BATCH_BYTES:
            return False
        headers = [(name, value.encode()) for name, value in json.loads(row["headers"]).items()]
        headers.append(("ce_sequence", sequence_text(row["sequence"]).encode()))
        metadata = batch.append(  # type: ignore[attr-defined]
            key=row["key"].encode(), value=row["payload"], timestamp=int(time.time() * 1000), headers=headers
        )
        return metadata is not None

"""Kafka clients with the settings that the delivery guarantee rests on, and messages as this system reads them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.partitioner import murmur2

from chassis.settings import Settings


def _security(settings: Settings) -> dict[str, object]:
    if settings.kafka_security_protocol == "PLAINTEXT":
        return {}
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    return {"security_protocol": settings.kafka_security_protocol, "ssl_context": context}


LARGEST_BATCH_BYTES = 900_000
"""Brokers take a megabyte unless told otherwise; the contract allows a quarter of one for a message."""
_LARGEST_SEQUENCE = 2**63 - 1
_ABANDONED_WITHIN_S = 2.0


class Producer(AIOKafkaProducer):  # type: ignore[misc]
    """A producer that can be left without waiting for what it could not send: that still stands in the outbox."""

    async def abandon(self) -> None:
        """Close at once, also while Kafka is away (`stop` would wait until everything was sent)."""
        self._closed = True
        sending = self._sender.sender_task
        if sending is not None:
            sending.cancel()
            await asyncio.wait([sending], timeout=_ABANDONED_WITHIN_S)
        await self.client.close()


def producer(settings: Settings) -> Producer:
    """Idempotent, acknowledged by all replicas in sync, batches of up to a megabyte."""
    return Producer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        enable_idempotence=True,
        acks="all",
        max_batch_size=LARGEST_BATCH_BYTES,
        max_request_size=1_000_000,
        linger_ms=0,
        request_timeout_ms=20_000,
        retry_backoff_ms=50,
        metadata_max_age_ms=30_000,
        **_security(settings),
    )


class _Startable(Protocol):
    async def start(self) -> None: ...


async def start(client: _Startable) -> None:
    """Start a client. Its start is not cut off half-way, which would leave a connection open; it ends soon anyway."""
    starting = asyncio.ensure_future(client.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting], timeout=_ABANDONED_WITHIN_S)
        starting.cancel()
        raise


@asynccontextmanager
async def producing(new_producer: Callable[[], Producer]) -> AsyncIterator[Producer]:
    """A producer for as long as nothing fails. After a failure its numbering may have a gap: make a new one."""
    opened = new_producer()
    try:
        await start(opened)
        yield opened
    finally:
        await opened.abandon()


async def partitions(settings: Settings, topics: Collection[str]) -> list[TopicPartition]:
    """Every partition of the topics; raises a KafkaError where a topic does not exist."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers, **_security(settings))
    try:
        await start(admin)
        described = await admin.describe_topics(sorted(topics))
    finally:
        await admin.close()
    for topic in described:
        if topic["error_code"]:
            raise for_code(topic["error_code"])(topic["topic"])
    return sorted(
        TopicPartition(topic["topic"], each["partition"]) for topic in described for each in topic["partitions"]
    )


def consumer(settings: Settings, client_id: str) -> AIOKafkaConsumer:
    """Without a group and without a reset policy: positions live in the database, and a wrong one is an error."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=client_id,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
        max_partition_fetch_bytes=1_048_576,
        retry_backoff_ms=50,
        metadata_max_age_ms=30_000,
        **_security(settings),
    )


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's default partitioner (murmur2) gives a key."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it was read. `sequence` is -1 where there is none (heartbeats, foreign messages)."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: dict[str, str]
    payload: bytes | None

    @property
    def event_id(self) -> str:
        """The sender's id; a message without one is known by its place."""
        return self.headers.get("ce_id") or f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def type(self) -> str:
        return self.headers.get("ce_type", "")

    @property
    def source(self) -> str:
        return self.headers.get("ce_source", "").removeprefix("/shouwang/")

    @property
    def subject(self) -> str:
        return self.headers.get("ce_subject", "")

    @property
    def division(self) -> str:
        return self.headers.get("ce_divisioncode", "")

    @property
    def sequence(self) -> int:
        return _number(self.headers.get("ce_sequence", ""), otherwise=-1)

    @property
    def state_version(self) -> int | None:
        number = _number(self.headers.get("ce_statesequence", ""), otherwise=-1)
        return None if number < 0 else number

    @property
    def time(self) -> datetime:
        """Business time of what happened; raises KeyError or ValueError when it is missing or malformed."""
        return datetime.fromisoformat(self.headers["ce_time"])


def received(record: ConsumerRecord) -> Received:
    """A record as this system reads it. Whatever a foreign sender may have written, it can be stored and parked."""
    headers = {name: _text(value) for name, value in record.headers}
    return Received(record.topic, record.partition, record.offset, _text(record.key), headers, record.value)


def _text(raw: bytes | None) -> str:
    # PostgreSQL stores no NUL in text; a message that could not even be parked would hold up everything.
    return (raw or b"").decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _number(text: str, *, otherwise: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 40):
        return otherwise
    number = int(text)
    return number if number <= _LARGEST_SEQUENCE else otherwise

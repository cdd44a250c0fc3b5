"""Kafka clients with the settings that the delivery guarantee rests on, and messages as this system reads them."""

import ssl
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import murmur2

from chassis.settings import Settings


def _security(settings: Settings) -> dict[str, object]:
    if settings.kafka_security_protocol == "PLAINTEXT":
        return {}
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    return {"security_protocol": settings.kafka_security_protocol, "ssl_context": context}


def producer(settings: Settings) -> AIOKafkaProducer:
    """Idempotent, acknowledged by all replicas in sync, batches of up to a megabyte."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        enable_idempotence=True,
        acks="all",
        max_batch_size=900_000,
        max_request_size=1_000_000,
        linger_ms=0,
        request_timeout_ms=20_000,
        retry_backoff_ms=50,
        metadata_max_age_ms=30_000,
        **_security(settings),
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
        return self.headers.get("ce_id", "")

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
        text = self.headers.get("ce_sequence", "")
        return int(text) if text.isdigit() else -1

    @property
    def state_version(self) -> int | None:
        text = self.headers.get("ce_statesequence", "")
        return int(text) if text.isdigit() else None

    @property
    def time(self) -> datetime:
        """Business time of what happened; raises KeyError or ValueError when it is missing or malformed."""
        return datetime.fromisoformat(self.headers["ce_time"])

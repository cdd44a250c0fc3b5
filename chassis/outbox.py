"""The outbox: messages are written in the transaction of the change that they tell.

Public events take their number from one stream row per key, locked in ascending order of key before the outbox is
written, so a batch over thousands of households cannot deadlock and outbox order is lock order per key. State
messages carry the version of their aggregate.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg

from chassis.correlation import Correlation
from contracts.decision import Because
from contracts.errors import TooLarge
from contracts.events.envelope import (
    MAX_BYTES,
    Raised,
    State,
    public_topic,
    sequence_text,
    state_topic,
)

# Whoever asks which transactions may still write messages (the relay's heartbeat) sees those that have an id. So the
# id is taken here, before the instant of recording is read from the clock.
_UNNEST = """
    select message.*, pg_current_xact_id() as written_in
    from unnest(${0}::text[], ${1}::text[], ${2}::uuid[], ${3}::text[], ${4}::bigint[], ${5}::text[],
                ${6}::bytea[])
        with ordinality as message (topic, key, event_id, type, sequence, headers, payload, place)
"""

_CTES = """
incoming as materialized ({unnest}),
numbered as (
    insert into chassis.streams as stream (key, sequence)
    select key, count(*) from incoming where sequence is null group by key order by key
    on conflict (key) do update set sequence = stream.sequence + excluded.sequence
    returning stream.key, stream.sequence
),
written as (
    insert into chassis.outbox (recorded_at, topic, key, event_id, type, sequence, headers, payload)
    select clock_timestamp(), incoming.topic, incoming.key, event_id, type,
           coalesce(incoming.sequence,
                    numbered.sequence + 1 - row_number() over (
                        partition by incoming.sequence is null, incoming.key order by place desc)),
           headers, payload
    from incoming left join numbered on incoming.sequence is null and numbered.key = incoming.key
    order by place
    returning id, recorded_at, topic, key
),
pending as (
    insert into chassis.outbox_pending (id, recorded_at, topic, key) select id, recorded_at, topic, key from written
)
"""


class MessageTooLarge(TooLarge):
    """A message is over the limit of the contract; it is refused when it is written, not when it is sent."""

    code = "message-too-large"
    title = Because(zh="变更内容过大，无法作为消息发布", en="The change is too large to be told in a message")


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be written. `sequence` None asks for the next number of its key."""

    topic: str
    key: str
    event_id: UUID
    type: str
    sequence: int | None
    headers: str
    payload: bytes | None


@dataclass(frozen=True, slots=True)
class Composer:
    """Turns what a command raised into messages of one service."""

    service: str
    topic_prefix: str = ""

    def public(self, raised: Raised, correlation: Correlation, at: datetime) -> Message:
        """A public event; `at` is business time unless the event says otherwise."""
        return self._message(
            topic=public_topic(self.service, self.topic_prefix),
            key=raised.key,
            type_name=raised.data.type(self.service),
            subject=raised.subject,
            division=raised.division,
            at=raised.occurred_at or at,
            sequence=None,
            state_version=raised.state_version,
            correlation=correlation,
            payload=raised.data.model_dump_json().encode(),
        )

    def state(self, state: State, correlation: Correlation, at: datetime) -> Message:
        """A state message, numbered by the aggregate's version."""
        data = state.data
        return self._message(
            topic=state_topic(self.service, self.topic_prefix),
            key=state.key,
            type_name=data.type() if data else f"shouwang.{self.service}.{state.kind}-erased.v1",
            subject=state.id,
            division=state.division,
            at=at,
            sequence=state.version,
            state_version=state.version,
            correlation=correlation,
            payload=data.model_dump_json().encode() if data else None,
        )

    def _message(
        self,
        *,
        topic: str,
        key: str,
        type_name: str,
        subject: str,
        division: str,
        at: datetime,
        sequence: int | None,
        state_version: int | None,
        correlation: Correlation,
        payload: bytes | None,
    ) -> Message:
        if payload is not None and len(payload) > MAX_BYTES:
            raise MessageTooLarge(
                Because(
                    zh=f"{type_name} 有 {len(payload)} 字节，上限为 {MAX_BYTES}",
                    en=f"{type_name} has {len(payload)} bytes; {MAX_BYTES} are allowed",
                )
            )
        event_id = uuid4()
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(event_id),
            "ce_source": f"/shouwang/{self.service}",
            "ce_type": type_name,
            "ce_subject": subject,
            "ce_time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "ce_partitionkey": key,
            "ce_divisioncode": division,
            "ce_correlationid": correlation.correlation_id,
            "traceparent": correlation.traceparent,
        }
        if correlation.causation_id:
            headers["ce_causationid"] = correlation.causation_id
        if state_version is not None:
            headers["ce_statesequence"] = sequence_text(state_version)
        if payload is not None:
            headers["content-type"] = "application/json"
        return Message(topic, key, event_id, type_name, sequence, json.dumps(headers), payload)


def columns(messages: Sequence[Message]) -> tuple[list[object], ...]:
    """The seven parameters of the outbox statement, column by column."""
    return (
        [m.topic for m in messages],
        [m.key for m in messages],
        [m.event_id for m in messages],
        [m.type for m in messages],
        [m.sequence for m in messages],
        [m.headers for m in messages],
        [m.payload for m in messages],
    )


def ctes(first: int, condition: str = "") -> str:
    """The outbox as CTEs of a larger statement whose parameters `$first` to `$first+6` are `columns(…)`.

    `condition` is a WHERE clause that lets them write, or nothing at all.

    For commands that write everything in one statement; the statement goes on after them with its own SELECT.
    """
    return _CTES.format(unnest=_UNNEST.format(*range(first, first + 7)) + condition)


_WRITE = f"with {ctes(1)} select 1"


async def write(connection: asyncpg.Connection, messages: Sequence[Message]) -> None:
    """Write messages in the open transaction of `connection`, in the order given."""
    if messages:
        await connection.execute(_WRITE, *columns(messages))

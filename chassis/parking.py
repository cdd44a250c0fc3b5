"""Parked messages: what failed by its content waits with the later events of its key, visible and replayable.

Other keys move on. A reaction whose state is not there yet waits for that state and is released by its arrival; a
failed state message is cured by the next of its key.
"""

import json
from collections.abc import Iterable

import asyncpg

from chassis.kafka import Received

WAITING = "waiting-for-state"
BEHIND = "behind-parked"


class WaitingForState(Exception):
    """Raised by a reaction: the state it needs (`household/<id>`) has not been read yet."""

    def __init__(self, state_key: str) -> None:
        super().__init__(state_key)
        self.state_key = state_key


_PARK = """
insert into chassis.parked_messages
    (topic, key, partition, "offset", event_id, type, reason, waiting_for, headers, payload)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (topic, key, event_id) do nothing
"""
_FAILED_AGAIN = """
update chassis.parked_messages as parked
set released_at = null,
    reason = case when parked.id = $1 then $2 else parked.reason end,
    waiting_for = case when parked.id = $1 then $3 else parked.waiting_for end
from chassis.parked_messages as failed
where failed.id = $1 and parked.topic = failed.topic and parked.key = failed.key
"""


async def park(connection: asyncpg.Connection, message: Received, reason: str, waiting_for: str | None = None) -> None:
    """Park one message, in the transaction that moves the position past it. One that is parked stays as it is."""
    await connection.execute(
        _PARK,
        message.topic,
        message.key,
        message.partition,
        message.offset,
        message.event_id,
        message.type,
        reason,
        waiting_for,
        json.dumps(message.headers),
        message.payload,
    )


async def failed_again(connection: asyncpg.Connection, parked_id: int, reason: str, waiting_for: str | None) -> None:
    """Write down why the first message of a key failed again; the whole key waits for another release."""
    await connection.execute(_FAILED_AGAIN, parked_id, reason, waiting_for)


async def awaited(connection: asyncpg.Connection) -> list[str]:
    """The states that parked messages wait for."""
    rows = await connection.fetch(
        "select distinct waiting_for from chassis.parked_messages where waiting_for is not null"
    )
    return [row["waiting_for"] for row in rows]


async def parked_keys(connection: asyncpg.Connection) -> set[tuple[str, str]]:
    """The (topic, key) pairs that have something parked."""
    rows = await connection.fetch("select distinct topic, key from chassis.parked_messages")
    return {(row["topic"], row["key"]) for row in rows}


async def releasable(connection: asyncpg.Connection, arrived: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Keys whose first parked message was released by an operator, or waits for a state that has arrived."""
    rows = await connection.fetch(
        """
        select distinct topic, key from chassis.parked_messages
        where released_at is not null or waiting_for = any($1::text[])
        """,
        list(arrived),
    )
    return [(row["topic"], row["key"]) for row in rows]


async def of_key(connection: asyncpg.Connection, topic: str, key: str) -> list[tuple[int, Received]]:
    """The parked messages of one key in the order in which they came."""
    rows = await connection.fetch(
        'select id, topic, partition, "offset", key, headers, payload from chassis.parked_messages '
        "where topic = $1 and key = $2 order by id",
        topic,
        key,
    )
    return [
        (
            row["id"],
            Received(
                row["topic"],
                row["partition"],
                row["offset"],
                row["key"],
                row["headers"],
                row["payload"],
            ),
        )
        for row in rows
    ]


async def release(connection: asyncpg.Connection, message_id: int) -> bool:
    """Mark a parked message (and so its key) for another try; the worker takes it up within a second."""
    result = await connection.execute(
        "update chassis.parked_messages set released_at = now() where id = $1", message_id
    )
    return bool(result == "UPDATE 1")

"""Where reading goes on, and whether the log is still the one that was read.

An offset does not identify a log: the message that stood before the remembered offset does. What is recognised is
written down (`chassis.log_findings`) and healed by asking the source to say it again.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg


@dataclass(frozen=True, slots=True)
class Position:
    next_offset: int
    message_id: str
    current_to: datetime | None
    missing_since: datetime | None = None
    """Since when it is known that the log does not hold everything; None once its source has said it again."""


class LogFinding(StrEnum):
    FIRST_START = "first-start"
    REPLACED = "log-replaced"
    BEGINNING_LOST = "beginning-lost"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Start:
    """Where to seek, and which message must stand there if the log is the one that was read."""

    offset: int
    expect: str | None
    finding: LogFinding | None


def start_of(position: Position | None, begin: int, end: int, *, compacted: bool) -> Start:
    """Where reading of a partition begins, given what was remembered and what the log holds now.

    `begin` and `end` are the log's first offset and the one after its last. A position remembered from another log
    is recognised by an end below it, or later by another message at the remembered place (`expect`).
    """
    if position is None:
        lost = compacted and begin > 0
        return Start(begin, None, LogFinding.BEGINNING_LOST if lost else LogFinding.FIRST_START)
    if end < position.next_offset:
        return Start(begin, None, LogFinding.REPLACED)
    if begin > position.next_offset:
        return Start(begin, None, LogFinding.BEGINNING_LOST)
    if begin == position.next_offset:
        return Start(begin, None, None)
    return Start(position.next_offset - 1, position.message_id, None)


async def load(connection: asyncpg.Connection) -> dict[tuple[str, int], Position]:
    rows = await connection.fetch("select * from chassis.positions")
    return {
        (row["topic"], row["partition"]): Position(
            row["next_offset"], row["message_id"], row["current_to"], row["missing_since"]
        )
        for row in rows
    }


# A log from which nothing is missing any more is healed in the same statement.
_SAVE = """
with moved as (
    select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::timestamptz[], $6::timestamptz[])
        as moved (topic, partition, next_offset, message_id, current_to, missing_since)
), healed as (
    update chassis.log_findings as finding set healed_at = clock_timestamp() from moved
    where finding.topic = moved.topic and finding.partition = moved.partition and finding.key is null
      and finding.healed_at is null and moved.missing_since is null
)
insert into chassis.positions as position (topic, partition, next_offset, message_id, current_to, missing_since)
select * from moved
on conflict (topic, partition) do update
    set next_offset = excluded.next_offset, message_id = excluded.message_id,
        current_to = coalesce(excluded.current_to, position.current_to), missing_since = excluded.missing_since
"""


async def save(connection: asyncpg.Connection, moved: dict[tuple[str, int], Position]) -> None:
    """Move positions in the transaction of the effect; `current_to` None leaves that instant as it was."""
    if moved:
        await connection.execute(
            _SAVE,
            [topic for topic, _ in moved],
            [partition for _, partition in moved],
            [position.next_offset for position in moved.values()],
            [position.message_id for position in moved.values()],
            [position.current_to for position in moved.values()],
            [position.missing_since for position in moved.values()],
        )


async def report(
    connection: asyncpg.Connection,
    finding: LogFinding,
    topic: str,
    partition: int | None,
    *,
    key: str | None = None,
    **detail: object,
) -> int:
    """Write down what was recognised about a log, or about the numbers of a key; returns the finding's id."""
    identifier: int = await connection.fetchval(
        "insert into chassis.log_findings (kind, topic, partition, key, detail) values ($1, $2, $3, $4, $5) "
        "returning id",
        finding.value,
        topic,
        partition,
        key,
        json.dumps(detail, default=str),
    )
    return identifier

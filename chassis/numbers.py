"""Recognises a gap in the numbers of a public key.

Every message of a topic counts, also those that have no effect here: numbers run over all event types of a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from chassis.kafka import Received


@dataclass(frozen=True, slots=True)
class Gap:
    """The numbers between `after` and the message's own never came."""

    message: Received
    after: int


# Both rows of the CTE see the table as it was: the answer is what was known before these messages.
_SEE = """
with seen as (
    select topic, key, max(sequence) as sequence
    from unnest($1::text[], $2::text[], $3::bigint[]) as message (topic, key, sequence) group by topic, key
),
now as (
    insert into chassis.key_sequences as known (topic, key, sequence) select * from seen order by topic, key
    on conflict (topic, key) do update set sequence = greatest(known.sequence, excluded.sequence)
)
select topic, key, known.sequence from chassis.key_sequences as known join seen using (topic, key)
"""


async def see(connection: asyncpg.Connection, messages: Sequence[Received]) -> tuple[list[Gap], list[Received]]:
    """Remember the highest number of each key, in the open transaction.

    Returns the gaps before these messages, and the messages whose number is not above what was seen: they come again,
    or late. The first number that is seen of a key is no gap: what came before it may be older than the log.
    """
    numbered = [message for message in messages if message.sequence >= 0]
    if not numbered:
        return [], []
    rows = await connection.fetch(
        _SEE, [m.topic for m in numbered], [m.key for m in numbered], [m.sequence for m in numbered]
    )
    known: dict[tuple[str, str], int] = {(row["topic"], row["key"]): row["sequence"] for row in rows}
    gaps, late = [], []
    for message in numbered:
        place = (message.topic, message.key)
        before = known.get(place)
        if before is not None and message.sequence > before + 1:
            gaps.append(Gap(message, before))
        if before is not None and message.sequence <= before:
            late.append(message)
        known[place] = max(message.sequence, before or 0)
    return gaps, late


_MISS = """
insert into chassis.missing_numbers (topic, key, sequence, finding)
select $1, $2, sequence, $5 from generate_series($3::bigint, $4::bigint) as sequence on conflict do nothing
"""
_ARRIVED = """
delete from chassis.missing_numbers as missing
using unnest($1::text[], $2::text[], $3::bigint[]) as message (topic, key, sequence)
where (missing.topic, missing.key, missing.sequence) = (message.topic, message.key, message.sequence)
returning missing.finding
"""
_HEALED = """
update chassis.log_findings as gap set healed_at = clock_timestamp()
where gap.id = any($1::bigint[]) and not exists (select from chassis.missing_numbers where finding = gap.id)
"""


async def miss(connection: asyncpg.Connection, gap: Gap, finding: int) -> None:
    """Remember which numbers a reported gap waits for."""
    message = gap.message
    await connection.execute(_MISS, message.topic, message.key, gap.after + 1, message.sequence - 1, finding)


async def arrived(connection: asyncpg.Connection, late: Sequence[Received]) -> None:
    """Tick off numbers that came after all; a gap of which none is missing any more is healed."""
    if not late:
        return
    rows = await connection.fetch(_ARRIVED, [m.topic for m in late], [m.key for m in late], [m.sequence for m in late])
    if rows:
        await connection.execute(_HEALED, [row["finding"] for row in rows])

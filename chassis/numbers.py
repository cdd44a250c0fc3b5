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


async def see(connection: asyncpg.Connection, messages: Sequence[Received]) -> list[Gap]:
    """Remember the highest number of each key, in the open transaction; returns the gaps before these messages.

    The first number that is seen of a key is no gap: what came before it may be older than the log.
    """
    numbered = [message for message in messages if message.sequence >= 0]
    if not numbered:
        return []
    rows = await connection.fetch(
        _SEE, [m.topic for m in numbered], [m.key for m in numbered], [m.sequence for m in numbered]
    )
    known: dict[tuple[str, str], int] = {(row["topic"], row["key"]): row["sequence"] for row in rows}
    gaps = []
    for message in numbered:
        place = (message.topic, message.key)
        before = known.get(place)
        if before is not None and message.sequence > before + 1:
            gaps.append(Gap(message, before))
        known[place] = max(message.sequence, before or 0)
    return gaps

"""Removes content that no attachment knows of: its command was lost on the way, and nobody can ever cite it."""

from datetime import datetime

import asyncpg

from chassis.attachments.store import AttachmentStore

_UNKNOWN = """
select id from unnest($1::uuid[]) as stored (id)
where not exists (select from chassis.attachments as known where known.id = stored.id)
"""


async def remove_orphans(connection: asyncpg.Connection, store: AttachmentStore, *, stored_before: datetime) -> int:
    """Remove what was stored before an instant (far enough back for its command to be over) and has no row."""
    unknown = await connection.fetch(_UNKNOWN, await store.stored_before(stored_before))
    for row in unknown:
        await store.remove(row["id"])
    return len(unknown)

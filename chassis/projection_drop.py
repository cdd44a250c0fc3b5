"""Drops what a service built from others' states, so that its consumer builds it again from the beginning.

The consumer that leads is put off its lock, the tables and the positions of the state topics go in one transaction,
and whichever consumer leads next starts as on its first day: it reads each state topic from its beginning and asks
the sources to say again what may be missing.
"""

import asyncio
from collections.abc import Sequence

import asyncpg

from chassis import database
from chassis.leadership import lock_number
from chassis.projection import StateHandler
from contracts.events.envelope import state_topic

_END_LEADER = """
select pg_terminate_backend(pid) from pg_locks
where locktype = 'advisory' and classid = $1 and objid = $2 and granted and pid <> pg_backend_pid()
  and database = (select oid from pg_database where datname = current_database())
"""


async def drop_projections(url: str, handlers: Sequence[StateHandler], topic_prefix: str) -> tuple[str, ...]:
    """Empty the tables of these handlers and forget how far their topics were read; returns the tables."""
    tables = tuple(dict.fromkeys(table for handler in handlers for table in handler.tables))
    if not tables:
        return ()
    topics = sorted({state_topic(handler.source, topic_prefix) for handler in handlers})
    connection = await database.direct(url, "rebuild-projection")
    try:
        await _lead(url, connection)
        async with connection.transaction():
            await connection.execute(f"truncate {', '.join(tables)}")
            await connection.execute("delete from chassis.positions where topic = any($1)", topics)
            await connection.execute("delete from chassis.parked_messages where topic = any($1)", topics)
    finally:
        await connection.close()
    return tables


async def _lead(url: str, connection: asyncpg.Connection) -> None:
    """Take the consumer's lock. Who waits for a lock is served before those who only try for it now and then."""
    numbers = lock_number("consumer")
    waiting = asyncio.create_task(connection.execute("select pg_advisory_lock($1, $2)", *numbers))
    other = await database.direct(url, "rebuild-projection")
    try:
        while not waiting.done():
            await other.execute(_END_LEADER, *numbers)
            await asyncio.wait([waiting], timeout=0.1)
        await waiting
    finally:
        await other.close()

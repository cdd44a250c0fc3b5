"""One leader at a time, by a session-level advisory lock on a connection of its own.

The leader works on that very connection: when it is lost, so is the lock, and the next statement fails.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis import database

_RETRY_S = 0.2
_LOCKS = 741


def lock_number(name: str) -> tuple[int, int]:
    """The two numbers of the advisory lock that stands for a name."""
    return _LOCKS, zlib.crc32(name.encode()) >> 1


@asynccontextmanager
async def leadership(url: str, name: str) -> AsyncIterator[asyncpg.Connection]:
    """Wait until this process leads under `name` in this database, and hold it until the block is left."""
    connection = await database.direct(url, name)
    try:
        # Another process leads; PostgreSQL has no event for the end of an advisory lock.
        while not await connection.fetchval(  # noqa: ASYNC110
            "select pg_try_advisory_lock($1, $2)", *lock_number(name)
        ):
            await asyncio.sleep(_RETRY_S)
        yield connection
    finally:
        connection.terminate()

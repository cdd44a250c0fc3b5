"""One leader at a time, by a session-level advisory lock on a connection of its own.

When that connection is lost, so is the lock: whatever the leader is doing at that moment is cut off.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis import database

_RETRY_S = 0.2
_LOCKS = 741


class LeadershipLost(ConnectionError):
    """The connection that held the lock has ended; another process may lead by now."""


def lock_number(name: str) -> tuple[int, int]:
    """The two numbers of the advisory lock that stands for a name."""
    return _LOCKS, zlib.crc32(name.encode()) >> 1


class _Watch:
    """Cancels the leading task when its connection ends, also while it waits for something else (Kafka, say)."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.lost = False
        self._over = False
        self._connection = connection
        connection.add_termination_listener(self._ended)

    def _ended(self, _connection: object) -> None:
        if not self._over:
            self.lost = True
            self.task.cancel()

    def end(self) -> None:
        """Give the lock back; what ends the connection from here on concerns nobody."""
        self._over = True
        self._connection.terminate()


@asynccontextmanager
async def leadership(url: str, name: str) -> AsyncIterator[asyncpg.Connection]:
    """Wait until this process leads under `name` in this database, and hold it until the block is left.

    Raises LeadershipLost within the block as soon as the lock is gone.
    """
    connection = await database.direct(url, name)
    watch = _Watch(connection)
    try:
        # Another process leads; PostgreSQL has no event for the end of an advisory lock.
        while not await connection.fetchval(  # noqa: ASYNC110
            "select pg_try_advisory_lock($1, $2)", *lock_number(name)
        ):
            await asyncio.sleep(_RETRY_S)
        yield connection
    except BaseException as error:
        # What the watch cancelled may come out as another error: of the driver, say, that was cut off in its midst.
        if not watch.lost or watch.task.uncancel() > 0:
            raise  # its own error, or somebody else wants this task to end
        raise LeadershipLost(name) from error
    finally:
        watch.end()

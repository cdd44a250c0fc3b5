"""Whoever leads hears that the lock is gone, also where an error hides it, and can lead again."""

import asyncio

import asyncpg
import pytest

from chassis.leadership import LeadershipLost, leadership, lock_number
from chassis.outages import end_if_cancelled
from tests.engines import FreshDatabase

_END = """
select pg_terminate_backend(pid) from pg_locks
where locktype = 'advisory' and classid = $1 and objid = $2 and granted
"""


async def _lead_until_lost(url: str, *, hidden: bool) -> None:
    async with leadership(url, "test") as connection:
        admin = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            await admin.execute(_END, *lock_number("test"))
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if not hidden:
                raise
            await connection.execute("select 1")  # as the driver does when it gives back what was cut off
        finally:
            await admin.close()


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_lost_lock_is_said_and_nothing_of_it_stays(fresh_database: FreshDatabase, hidden: bool) -> None:
    url = await fresh_database("relief")
    for _ in range(2):
        with pytest.raises(LeadershipLost):
            await _lead_until_lost(url, hidden=hidden)
        end_if_cancelled()  # a cancellation of the watch that stayed would end the loop that is to lead again


async def test_an_end_that_somebody_else_wants_is_not_taken_for_a_lost_lock(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("relief")
    leading = asyncio.Event()

    async def lead() -> None:
        async with leadership(url, "test"):
            leading.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(lead())
    await leading.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

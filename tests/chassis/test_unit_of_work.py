"""A unit of work that is cut off at any moment leaves nothing behind: no half change, no lock, no open transaction."""

import asyncio

import asyncpg
import pytest

from tests.engines import Topics
from tests.things import Process, StartProcess, source_service
from tests.waiting import eventually

_LEFT_OPEN = """
select count(*) from pg_stat_activity
where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()
"""


async def test_a_command_that_is_cut_off_leaves_no_transaction_open(start_process: StartProcess, kafka: Topics) -> None:
    source = await start_process(source_service, kafka, worker=False, database_pool=2)
    await source.change("a", 0)
    done = 1
    loop = asyncio.get_running_loop()
    observer = await asyncpg.connect(source.url.replace("+asyncpg", ""))
    for moment in range(150):
        command = asyncio.create_task(source.change("a", moment))
        loop.call_later(moment * 0.00005, command.cancel)
        await asyncio.wait([command])
        done += not command.cancelled()
        await eventually(lambda: _nothing_open(observer), within=5)
    await observer.close()
    version = await source.value("select version from thing where id = 'a'")
    sequence = await source.value("select sequence from chassis.streams where key = 'thing/a'")
    messages = await source.value("select count(*) from chassis.outbox")
    # A commit that was under way when it was cut off may have been carried out; half of one never is.
    assert version >= done
    assert (sequence, messages) == (version, 2 * version)


async def _nothing_open(observer: asyncpg.Connection) -> bool:
    return bool(await observer.fetchval(_LEFT_OPEN) == 0)


async def test_a_failing_command_gives_its_connection_back_unharmed(start_process: StartProcess, kafka: Topics) -> None:
    source = await start_process(source_service, kafka, worker=False, database_pool=2)
    backends: list[int] = []
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await _fail(source, backends)
    assert len(set(backends)) == 1
    assert await source.value("select count(*) from thing") == 0


async def _fail(source: Process, backends: list[int]) -> None:
    async with source.unit() as uow:
        backends.append(await uow.driver.fetchval("select pg_backend_pid()"))
        await uow.driver.execute("insert into thing values ('a', 1, 1)")
        raise ZeroDivisionError

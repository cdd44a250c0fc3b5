"""Daily work: each business day is swept once after it has ended, by one worker, and missed days are made up for.

The day to which a job is done moves in the transaction of its effect, so neither a crash nor a second worker does a
day twice. A job sees every change of the day: the sweep waits until no transaction is left that began before it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import structlog

from chassis.leadership import leadership
from chassis.outages import SURROUNDINGS, end_if_cancelled
from chassis.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from chassis.runtime import Runtime

_LOOK_EVERY_S = 0.25
_DAYS_AT_ONCE = 31
_DAY = timedelta(days=1)
log = structlog.get_logger(__name__)

DailyJob = Callable[["Runtime", UnitOfWork, Sequence[date]], Awaitable[None]]
"""The work of ended days, given in order; all of it in the unit of work, which is committed for it."""

_BUSY = """
select exists (select from pg_stat_activity
               where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
                 and xact_start < $1)
"""
_BEGIN = "insert into chassis.sweeps (job, done_to) values ($1, $2) on conflict do nothing"
_DONE_TO = "select done_to from chassis.sweeps where job = $1 for update"
_MOVE = "update chassis.sweeps set done_to = $2, swept_at = now() where job = $1"


class Sweeper:
    """Does the daily work of one service until cancelled."""

    def __init__(self, runtime: "Runtime", jobs: Mapping[str, DailyJob]) -> None:
        self._runtime = runtime
        self._jobs = jobs
        self._swept: date | None = None
        self._noticed: tuple[date, datetime] | None = None

    async def run(self) -> None:
        while True:
            try:
                async with leadership(self._runtime.settings.database_url, "sweep") as connection:
                    while True:
                        await self._look(connection)
                        await asyncio.sleep(_LOOK_EVERY_S)
            except (asyncpg.PostgresError, *SURROUNDINGS) as error:
                end_if_cancelled()
                log.warning("sweep-paused", error=type(error).__name__)
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self, connection: asyncpg.Connection) -> None:
        ended = self._runtime.clock.today() - _DAY
        if ended == self._swept:
            return
        if self._noticed is None or self._noticed[0] != ended:
            self._noticed = (ended, await connection.fetchval("select clock_timestamp()"))
        if await connection.fetchval(_BUSY, self._noticed[1]):
            return
        for name, job in self._jobs.items():
            while await sweep(self._runtime, name, job, ended):
                continue
        self._swept = ended


async def sweep(runtime: "Runtime", name: str, job: DailyJob, ended: date) -> bool:
    """Do a job for the next days up to the last one that has ended; False when there are none left.

    A job begins with the day on which it is first seen: what ended before is not told.
    """
    async with runtime.units.begin(person=f"service:{runtime.service}", client=runtime.service) as uow:
        await uow.driver.execute(_BEGIN, name, ended)
        done_to: date = await uow.driver.fetchval(_DONE_TO, name)
        if done_to > ended and runtime.settings.demo:
            done_to = ended  # A demo clock begins in the past, and before it began the job saw the system's day.
        days = [done_to + n * _DAY for n in range(1, min((ended - done_to).days, _DAYS_AT_ONCE) + 1)]
        if days:
            await job(runtime, uow, days)
        await uow.driver.execute(_MOVE, name, max([done_to, *days]))
        await uow.commit()
    return len(days) == _DAYS_AT_ONCE

"""What the daily totals count, in sets: households with the same history are read once and counted together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg

from contracts.events.envelope import public_topic
from contracts.events.monitoring import TotalsPublished
from contracts.month import SHANGHAI, Month
from services.monitoring.domain.codes import HouseholdType, MonitoredClass
from services.monitoring.domain.totals import DayTotals
from services.monitoring.storage.household_rows import history_of, monitored_of

# Hidden by the day on which it ended, as everywhere: on that day it is counted no more.
_HOUSEHOLDS = """
select registered_on, ended_on, history - 'sites' as history, monitored, count(*) as number from household
where registered_on <= $2 and (ended_on is null or $1 < ended_on)
group by registered_on, ended_on, history - 'sites', monitored
"""
_FLAGS = """
select division, opened_on, closed_on, count(*) as number from flag
where opened_on <= $2 and (closed_on is null or $1 < closed_on) group by division, opened_on, closed_on
"""
_CASES = _FLAGS.replace("from flag", "from case_file")
# The bound on recorded_at spares months of the outbox; with a demo clock the two times have nothing to do with
# each other, and there is none.
_EVENTS = """
select (((headers::jsonb ->> 'ce_time')::timestamptz) at time zone 'Asia/Shanghai')::date as day,
       headers::jsonb ->> 'ce_divisioncode' as division, type, count(*) as number
from chassis.outbox
where topic = $1 and type <> $2 and ($3::timestamptz is null or recorded_at >= $3)
  and (headers::jsonb ->> 'ce_time')::timestamptz >= $4 and (headers::jsonb ->> 'ce_time')::timestamptz < $5
group by 1, 2, 3
"""
_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Households with one and the same history."""

    row: asyncpg.Record

    def count(self, totals: DayTotals) -> None:
        row, day = self.row, totals.day
        if not row["registered_on"] <= day or (row["ended_on"] is not None and row["ended_on"] <= day):
            return
        history: dict[str, Any] = row["history"]
        division = history_of(history["divisions"], str)
        household_type = history_of(history["types"], HouseholdType)
        monitored = any(monitored_of(span).holds(Month.of(day)) for span in row["monitored"])
        totals.count_households(
            division.on(day) or division.spans[0].value,
            household_type.on(day) or household_type.spans[0].value,
            history_of(history["classes"], MonitoredClass).on(day) if monitored else None,
            row["number"],
        )


async def count(
    connection: asyncpg.Connection, days: Sequence[date], topic_prefix: str, *, demo: bool
) -> list[DayTotals]:
    """The totals of days in a row, as things stood at the end of each."""
    first, last = days[0], days[-1]
    counted = {day: DayTotals(day) for day in days}
    households = [_Standing(row) for row in await connection.fetch(_HOUSEHOLDS, first, last)]
    flags = await connection.fetch(_FLAGS, first, last)
    cases = await connection.fetch(_CASES, first, last)
    for day, totals in counted.items():
        for standing in households:
            standing.count(totals)
        for row in flags:
            if row["opened_on"] <= day and (row["closed_on"] is None or day < row["closed_on"]):
                totals.count_open_flags(row["division"], row["number"])
        for row in cases:
            if row["opened_on"] <= day and (row["closed_on"] is None or day < row["closed_on"]):
                totals.count_open_cases(row["division"], row["number"])
    begin, end = _midnight(first), _midnight(last + timedelta(days=1))
    recorded_from = None if demo else begin - _MARGIN
    topic = public_topic("monitoring", topic_prefix)
    for row in await connection.fetch(_EVENTS, topic, TotalsPublished.type(), recorded_from, begin, end):
        counted[row["day"]].count_events(row["division"], row["type"], row["number"])
    return list(counted.values())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)

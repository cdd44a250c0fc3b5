"""Households whose visit is overdue, in sets: SQL narrows by the shortest cycles, the pure rule decides each (M-1.1.1).

The month arithmetic of SQL and of the rule are the same (a day that a month does not have is its last one); a
property test holds them together.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.domain.bounds import LineOf, Operator, loosest
from services.monitoring.domain.visits import cycle_key, cycle_months, overdue_since, visit_due_on
from services.monitoring.storage.household_rows import history_of, monitored_of

_ENOUGH = 500
_FIRST_ID = UUID(int=0)

# A household that was ever monitored may have either cycle on the day; the rule knows which.
_FACTS = """
select id, division, history -> 'divisions' as divisions, monitored, registered_on, last_visit_on,
       greatest(registered_on, last_visit_on) as since
from household, lateral (
    select max(visited_on) as last_visit_on from visit where household_id = household.id and visited_on <= $2) as seen
where division like $1 || '%' and registered_on <= $2 and (ended_on is null or $2 < ended_on)
  and greatest(registered_on, last_visit_on)
      + make_interval(months => case when monitored = '[]' then $3::int else least($3::int, $4::int) end) < $2
"""
_PAGE = f"select * from ({_FACTS}) as facts where (since, id) > ($5::date, $6::uuid) order by since, id limit $7"
_GROUPED = f"""
select null::uuid as id, division, divisions, monitored, since as registered_on, null::date as last_visit_on,
       count(*) as households
from ({_FACTS}) as facts group by division, divisions, monitored, since
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A household that nobody visited in time."""

    household_id: str
    division: str
    monitored: bool
    last_visit_on: date | None
    due_on: date
    since: date
    """The first day on which the visit was overdue."""
    waiting_from: date
    """The day from which the cycle runs: the last visit, before it the registration."""


@dataclass(frozen=True, slots=True)
class Asked:
    """In which division, on which day, by which parameters."""

    book: ParameterBook
    within: str
    day: date

    @property
    def parameters(self) -> tuple[Any, ...]:
        shortest = (self._shortest(monitored=False), self._shortest(monitored=True))
        return self.within, self.day, *shortest

    def _shortest(self, *, monitored: bool) -> int:
        line = LineOf("months", Operator.AT_LEAST, cycle_key(monitored=monitored))
        return int(loosest(line, self.book, first=self.day, last=self.day, division=self.within).value)


async def overdue(
    connection: asyncpg.Connection, asked: Asked, after: tuple[date, UUID] | None, limit: int
) -> list[Overdue]:
    """The next overdue households after a place in the list, longest unvisited first."""
    found: list[Overdue] = []
    async for row in _candidates(connection, asked, after):
        decided = _decide(row, asked)
        if decided is not None:
            found.append(decided)
        if len(found) == limit:
            break
    return found


async def overdue_by_village(connection: asyncpg.Connection, asked: Asked) -> Counter[str]:
    """How many households of each village are overdue: those with the same facts are decided once."""
    counts: Counter[str] = Counter()
    for row in await connection.fetch(_GROUPED, *asked.parameters):
        if _decide(row, asked) is not None:
            counts[row["division"]] += row["households"]
    return counts


async def _candidates(
    connection: asyncpg.Connection, asked: Asked, after: tuple[date, UUID] | None
) -> AsyncIterator[asyncpg.Record]:
    since, last_id = after or (date.min, _FIRST_ID)
    while rows := await connection.fetch(_PAGE, *asked.parameters, since, last_id, _ENOUGH):
        for row in rows:
            yield row
        since, last_id = rows[-1]["since"], rows[-1]["id"]


def _decide(row: asyncpg.Record, asked: Asked) -> Overdue | None:
    """The pure rule on one household's facts, in its village on that day."""
    divisions = history_of(row["divisions"], str)
    division = divisions.on(asked.day) or divisions.spans[0].value
    monitored = any(monitored_of(span).holds(Month.of(asked.day)) for span in row["monitored"])
    months = cycle_months(asked.book, monitored=monitored, day=asked.day, division=division)
    since = overdue_since(row["last_visit_on"], row["registered_on"], months, asked.day)
    if since is None:
        return None
    return Overdue(
        household_id=str(row["id"]),
        division=row["division"],
        monitored=monitored,
        last_visit_on=row["last_visit_on"],
        due_on=visit_due_on(row["last_visit_on"], row["registered_on"], months),
        since=since,
        waiting_from=max(row["registered_on"], row["last_visit_on"] or row["registered_on"]),
    )

"""What a what-if question found, kept as its report: no flag, no signal, no event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.monitoring.domain.judgement import ScreeningFinding
from services.monitoring.domain.what_if import Change

KIND = "what-if"

_INSERT = """
insert into what_if_change (operation_id, number, household_id, division, rule, period, change, finding)
select $1, new.* from jsonb_to_recordset($2::jsonb)
    as new (number bigint, household_id uuid, division text, rule text, period text, change text, finding jsonb)
"""
_RULES = """
select rule, count(distinct household_id) filter (where change = 'flagged') as flagged,
       count(distinct household_id) filter (where change = 'no-longer-flagged') as no_longer_flagged
from what_if_change where operation_id = $1 group by grouping sets ((rule), ()) order by rule nulls first
"""
_DIVISIONS = """
select division, count(distinct household_id) filter (where change = 'flagged') as flagged,
       count(distinct household_id) filter (where change = 'no-longer-flagged') as no_longer_flagged
from what_if_change where operation_id = $1 and division > $2 group by division order by division limit $3
"""
_PAGE = """
select number, household_id::text, division, rule, period, change, finding from what_if_change
where operation_id = $1 and number > $2 and ($3::text is null or change = $3) and ($4::text is null or rule = $4)
  and division like $5 || '%'
order by number limit $6
"""
_ASKED = """
select state from chassis.operations where id = $1 and kind = 'what-if' and division like $2 || '%'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A household that the question's screening would flag, or no longer, with the finding that says why."""

    household_id: str
    division: str
    change: Change
    finding: ScreeningFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which changes a list shows."""

    after: int
    change: Change | None
    rule: str | None
    within: str
    limit: int


async def add(connection: asyncpg.Connection, operation_id: UUID, first: int, changes: Sequence[Changed]) -> None:
    """Write changes under the numbers from `first` on."""
    rows = [
        {
            "number": number,
            "household_id": one.household_id,
            "division": one.division,
            "rule": one.finding.rule,
            "period": one.finding.period,
            "change": one.change,
            "finding": one.finding.finding.model_dump(mode="json"),
        }
        for number, one in enumerate(changes, first)
    ]
    await connection.execute(_INSERT, operation_id, json.dumps(rows))


async def totals(connection: asyncpg.Connection, operation_id: UUID) -> dict[str, Any]:
    """Households that would be flagged and that would be no longer, in all and by rule."""
    whole, *rules = [dict(row) for row in await connection.fetch(_RULES, operation_id)]
    del whole["rule"]
    return whole | {"rules": rules}


async def is_visible(connection: asyncpg.Connection, operation_id: UUID, within: str) -> bool:
    """Whether this is a question that was asked of a division."""
    return await connection.fetchval(_ASKED, operation_id, within) is not None


async def by_division(
    connection: asyncpg.Connection, operation_id: UUID, after: str, limit: int
) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.fetch(_DIVISIONS, operation_id, after, limit)]


async def page(connection: asyncpg.Connection, operation_id: UUID, wanted: Wanted) -> list[dict[str, Any]]:
    rows = await connection.fetch(
        _PAGE, operation_id, wanted.after, wanted.change, wanted.rule, wanted.within, wanted.limit
    )
    return [dict(row) for row in rows]

"""Which identified households lack a plan, a first measure, or a developmental one, found in one statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from chassis.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Lacking:
    """A monitored household, the case that identified it, when it was registered, and what it lacks."""

    case_id: str
    household_id: str
    division: str
    registered_on: date
    limit: str


# What was planned from the opening of the case on counts: a green channel helps first.
_LACKING = """
with identified as (
    select distinct on (case_file.household_id)
           case_file.id, case_file.household_id, household.division, case_file.opened_on, case_file.closed_on
    from case_file join household on household.id = case_file.household_id
    where procedure = 'identification' and standing = 'completed' and household.monitored_class is not null
    order by case_file.household_id, case_file.closed_on desc
)
select id::text as case_id, household_id::text, division, closed_on as registered_on, lacks as "limit"
from identified cross join lateral (
    select 'plan' as lacks where not exists (
        select from measure_plan where household_id = identified.household_id and approved_on >= opened_on)
    union all
    select 'first-measure' where not exists (
        select from measure
        where household_id = identified.household_id and planned_on >= opened_on and started_on is not null)
    union all
    select 'developmental' where exists (
        select from member
        where household_id = identified.household_id and left_on is null and labour = any($1::text[]))
      and not exists (
        select from measure
        where household_id = identified.household_id and planned_on >= opened_on and started_on is not null
          and category = any($2::text[]))
) as missing
where not exists (
    select from help_deadline_told where case_id = identified.id and deadline = lacks and kind = 'missed')
order by household_id, lacks
"""
_REMEMBER = """
insert into help_deadline_told (case_id, deadline, kind, told_on)
select case_id, deadline, kind, $4 from unnest($1::uuid[], $2::text[], $3::text[]) as new (case_id, deadline, kind)
on conflict do nothing returning case_id::text, deadline, kind
"""


async def lacking(
    connection: asyncpg.Connection, *, able: Collection[str], developmental: Collection[str]
) -> list[Lacking]:
    """In order of household, those whose limit is not told as missed yet."""
    rows = await connection.fetch(_LACKING, list(able), list(developmental))
    return [Lacking(**dict(row)) for row in rows]


async def remember(uow: UnitOfWork, told: Sequence[tuple[str, str, str]], on: date) -> frozenset[tuple[str, str, str]]:
    """Note case, limit and kind as told; returns those that were not told before."""
    rows = await uow.driver.fetch(_REMEMBER, *([one[part] for one in told] for part in range(3)), on)
    return frozenset((row["case_id"], row["deadline"], row["kind"]) for row in rows)

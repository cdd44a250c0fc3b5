"""Candidates of a screening: SQL joins, adds up and narrows once, and writes what is left for an operation to walk.

It narrows with the lines that the rules name and never tighter; the pure rule decides each candidate
(docs/decisions/0001). Walked in order of household, so that an operation goes on where its last chunk ended.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from services.monitoring.domain.bounds import Bounds, Line, Operator
from services.monitoring.domain.signals import reporting_sources
from services.monitoring.storage.bureau_records import PERIODS


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Evidence that may cross a rule: the sum of a person's period, or one record of a single event."""

    rule: str
    household_id: str
    member_id: str | None
    record_no: str | None
    amount: Decimal | None
    last_on: date
    facts: dict[str, Any]


# Warnings of single expenses count with the bureaus' records. Where they name no member, they count by household.
_WARNED = """
select {period} as period, coalesce(member_id, household_id) as who, household_id, member_id,
       coalesce(record_no, id::text) as record_no, (evidence ->> 'amount')::numeric as amount, occurred_on, recorded_at
from signal where kind = $1 and source in ('department-warning', 'service')
"""
# A sum over all records is never smaller than the sum over distinct ones, so it may narrow. Only what is left is
# counted exactly: each record once, as the newest file has it, otherwise as the newest warning (domain/cumulation.py).
_SUMMED = """
with warned as materialized ({warned}),
heavy as (
    select period, who, sum(greatest(amount, 0)) as amount
    from (select period, member_id as who, amount from bureau_record where rule = $1
          union all select period, who, amount from warned) as evidence
    where {scope}
    group by period, who
),
narrowed as (select period, who from heavy where {where}),
exact as (
    select distinct on (period, who, record_no) *
    from (
        select record.period, member_id as who, household_id, member_id, record_no, record.amount, occurred_on,
               number, line, null::timestamptz as recorded_at
        from bureau_record as record join narrowed on narrowed.period = record.period and who = member_id
        join comparison on comparison.id = comparison_id
        where rule = $1
        union all
        select warned.period, who, household_id, member_id, record_no, amount, occurred_on, 0, 0, recorded_at
        from warned join narrowed using (period, who)
    ) as evidence
    order by period, who, record_no, number desc, line, recorded_at desc
)
select (array_agg(household_id))[1] as household_id, $1 as rule, (array_agg(member_id))[1] as member_id,
       null::text as record_no, sum(amount) as amount, max(occurred_on) as last_on, null::jsonb as facts
from exact group by period, who
"""
_SINGLE = """
select distinct on (household_id, record_no)
       household_id, $1 as rule, member_id, record_no, amount, occurred_on as last_on, facts
from (
    select household_id, member_id, record_no, record.amount, occurred_on, facts, number, line
    from bureau_record as record join comparison on comparison.id = comparison_id
    where rule = $1 and {scope}
    {signals}
) as evidence left join lateral (select labour from member where id = member_id) as person on true
where {where}
order by household_id, record_no, number desc, line
"""
_SIGNALS = """
    union all
    select household_id, member_id, coalesce(incident_id::text, record_no, id::text),
           (evidence ->> 'amount')::numeric, occurred_on, evidence, 0, 0
    from signal where source = any($3) and ($4::text is null or kind = $4)
"""
_OF_FILE = {
    True: "(period, who) in (select period, member_id from bureau_record where comparison_id = $2 and rule = $1)",
    False: "comparison_id = $2",
}
_WRITE = """
insert into screening_candidate (operation_id, household_id, rule, member_id, record_no, amount, last_on, facts)
select ${operation}, found.household_id, found.rule, found.member_id, found.record_no, found.amount, found.last_on,
       found.facts
from ({found}) as found join household on household.id = found.household_id
where ended_on is null and division like ${within} || '%'
"""
_NEXT = """
select rule, household_id::text, member_id::text, record_no, amount, last_on, facts from screening_candidate
where operation_id = $1 and household_id in (
    select distinct household_id from screening_candidate where operation_id = $1 and household_id > $2
    order by household_id limit $3)
order by household_id, rule, last_on, record_no
"""
# What an operation that failed has left behind goes with the next one.
_CLEAR = """
delete from screening_candidate
where operation_id = $1 or operation_id in (select id from chassis.operations where finished_at is not null)
"""
_DAYS = """
select min(occurred_on), max(occurred_on) from (
    select occurred_on from bureau_record where rule = $1 and ($2::uuid is null or comparison_id = $2)
    union all
    select occurred_on from signal where $2::uuid is null and source = any($3) and ($4::text is null or kind = $4)
) as evidence
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose evidence is looked at: that of the people in one file, or everybody's; always within a division.

    Earlier files and warnings count for the sum of a period in which a file has new evidence.
    """

    operation_id: UUID
    within: str
    comparison_id: UUID | None


async def write(connection: asyncpg.Connection, scope: Scope, bounds: Bounds) -> None:
    """Write the evidence of a rule that passes one of its lines as candidates of the operation."""
    summed = bounds.rule in PERIODS
    everybody = scope.comparison_id is None
    values: list[Any] = [bounds.rule, scope.comparison_id]
    if not summed and everybody:
        values += _reported(bounds.rule)
    where, lines = _where(bounds, len(values) + 1)
    of_file = "$2::uuid is null" if everybody else _OF_FILE[summed]
    found = (_SUMMED if summed else _SINGLE).format(
        warned=_WARNED.format(period=PERIODS[bounds.rule].format(day="occurred_on")) if summed else "",
        signals=_SIGNALS if everybody else "",
        scope=of_file,
        where=where,
    )
    place = len(values) + len(lines) + 1
    sql = _WRITE.format(operation=place, within=place + 1, found=found)
    await connection.execute(sql, *values, *lines, scope.operation_id, scope.within)


async def days_of(connection: asyncpg.Connection, rule: str, comparison_id: UUID | None) -> tuple[date, date] | None:
    """The first and the last day of a rule's evidence in a file, or in everything that is known."""
    (row,) = await connection.fetch(_DAYS, rule, comparison_id, *_reported(rule))
    return None if row[0] is None else (row[0], row[1])


async def next_chunk(connection: asyncpg.Connection, operation_id: UUID, after: str, limit: int) -> list[Candidate]:
    """The candidates of the next households after an id ("" at first); all of one household come together."""
    rows = await connection.fetch(_NEXT, operation_id, after or UUID(int=0), limit)
    return [Candidate(**{**row, "facts": row["facts"] or {}}) for row in rows]


async def clear(connection: asyncpg.Connection, operation_id: UUID) -> None:
    """Forget the candidates of an operation that is done with them, and of those that have failed."""
    await connection.execute(_CLEAR, operation_id)


def _reported(rule: str) -> list[Any]:
    """Which signals a rule judges by themselves: their sources, and their kind where sources have many."""
    sources, kind = reporting_sources(rule)
    return [[source.value for source in sources], kind]


def _condition(line: Line, place: int) -> str:
    """A line as SQL over an evidence row; `amount` and `labour` are columns, everything else a fact of the record."""
    if line.operator is Operator.ONE_OF:
        column = "labour" if line.field == "labour" else f"facts ->> '{line.field}'"
        return f"{column} = any(${place}::text[])"
    if line.operator is Operator.IS:
        return f"(facts -> '{line.field}') = to_jsonb(${place}::boolean)"
    column = "amount" if line.field == "amount" else f"(facts ->> '{line.field}')::numeric"
    return f"{column} {line.operator.value} ${place}::numeric"


def _where(bounds: Bounds, first: int) -> tuple[str, list[Any]]:
    if not bounds.lines:
        return "true", []
    parts = [_condition(line, first + index) for index, line in enumerate(bounds.lines)]
    values = [list(line.value) if line.operator is Operator.ONE_OF else line.value for line in bounds.lines]
    return "(" + " or ".join(parts) + ")", values

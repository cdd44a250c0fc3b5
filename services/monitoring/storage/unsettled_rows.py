"""Rows of bureaus' files that matched nobody, matched two households or could not be used, until they are settled.

They are the rows that the comparison reported by line, column and code, never by value. A repeated row needs nobody:
its record counts once.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from chassis.unit_of_work import UnitOfWork

_ROWS = """
select reported.line, column_name as "column", code, reason, settled_on::text
from chassis.operation_errors as reported
left join settled_row as settled on comparison_id = operation_id and settled.line = reported.line
where operation_id = $1 and reported.line is not null and code <> 'duplicate-row'
"""
_COMPARISON = f"""
select id::text, number, kind, month, division, uploaded_on::text, result,
       (select count(*) from ({_ROWS}) as rows where reason is null) as unsettled
from comparison where id = $1 and division like $2 || '%'
"""
_PAGE = f"""
select * from ({_ROWS}) as rows
where line > $2 and ($3::text is null or code = $3) and ($4 or reason is null) order by line limit $5
"""
_IS_REPORTED = f"""
select exists (select from ({_ROWS}) as rows where line = $3)
       and exists (select from comparison where id = $1 and division like $2 || '%')
"""
_SETTLE = """
insert into settled_row (comparison_id, line, reason, settled_on, settled_by) values ($1, $2, $3, $4, $5)
on conflict do nothing
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows a list shows: from a line on, of one code (None: all), the settled ones too or not."""

    after_line: int
    code: str | None
    settled_too: bool
    limit: int


async def comparison(connection: asyncpg.Connection, comparison_id: UUID, within: str) -> dict[str, Any] | None:
    """One comparison with its counts and how many rows wait; None outside of the division."""
    row = await connection.fetchrow(_COMPARISON, comparison_id, within)
    return None if row is None else dict(row)


async def page(connection: asyncpg.Connection, comparison_id: UUID, wanted: Wanted) -> list[dict[str, Any]]:
    rows = await connection.fetch(
        _PAGE, comparison_id, wanted.after_line, wanted.code, wanted.settled_too, wanted.limit
    )
    return [dict(row) for row in rows]


async def is_reported(connection: asyncpg.Connection, comparison_id: UUID, line: int, within: str) -> bool:
    """Whether a row of a comparison of the division needed somebody to look at it, settled or not."""
    return bool(await connection.fetchval(_IS_REPORTED, comparison_id, within, line))


async def settle(uow: UnitOfWork, comparison_id: UUID, line: int, reason: str, on: date) -> bool:
    """Write why a row may rest; False when somebody did before."""
    done: str = await uow.driver.execute(_SETTLE, comparison_id, line, reason, on, uow.person)
    return done == "INSERT 0 1"

"""Rows of a staged national workbook, read cell by cell in SQL; what cannot be read is named by line and column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from contracts.errors import FieldError
from contracts.files.columns import Cell, Column
from contracts.files.national import INCOME_COLUMNS, NATIONAL
from services.monitoring.domain.ids import HouseholdId

_READERS = {
    Cell.TEXT: "chassis.read_text({0})",
    Cell.CODE: "chassis.read_text({0})",
    Cell.YUAN: "chassis.read_yuan({0})",
    Cell.NUMBER: "chassis.read_number({0})",
    Cell.YES_NO: "chassis.read_yes_no({0})",
    Cell.DATE: "chassis.read_date({0})",
    Cell.MONTH: "chassis.read_month({0})",
    Cell.RESIDENT_ID: "chassis.read_resident_id({0})",
}
_FORMS = {
    Cell.YUAN: "amount-form",
    Cell.NUMBER: "number-form",
    Cell.YES_NO: "yes-no-form",
    Cell.DATE: "date-form",
    Cell.MONTH: "month-form",
}
_COLUMNS = NATIONAL.columns
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


_KNOWN = """
select national_no, id::text, division like $2 || '%' and ended_on is null as comparable
from household where national_no = any($1)
"""


@dataclass(frozen=True, slots=True)
class NationalRow:
    """One member's row: its cells as read (None where empty or unreadable), and what is wrong with it."""

    line: int
    cells: dict[str, Any]
    faults: tuple[FieldError, ...]

    @property
    def resident_id(self) -> str | None:
        number: str | None = self.cells["resident_id"]
        return number


def _select(column: Column) -> str:
    cell = f'"{column.field}"'
    blank = f"chassis.is_blank({cell}) as {column.field}_blank"
    read = f"{_READERS[column.cell].format(cell)} as {column.field}"
    problem = f", chassis.resident_id_problem({cell}) as id_problem" if column.cell is Cell.RESIDENT_ID else ""
    return f"{read}, {blank}{problem}"


_NEXT = """
with page as (
    select distinct chassis.read_text(national_no) as number from {table}
    where chassis.read_text(national_no) > $1 order by number limit $2
)
select line, {columns}, count(*) over (partition by chassis.read_resident_id(resident_id)) as holders
from {table} where chassis.read_text(national_no) in (select number from page)
order by chassis.read_text(national_no), line
"""


async def next_households(
    connection: asyncpg.Connection, table: str, after: str, limit: int
) -> dict[str, list[NationalRow]]:
    """The rows of the next households by national number, in order."""
    rows = await connection.fetch(_NEXT.format(table=table, columns=", ".join(map(_select, _COLUMNS))), after, limit)
    found: dict[str, list[NationalRow]] = {}
    for row in rows:
        cells = {column.field: row[column.field] for column in _COLUMNS}
        found.setdefault(cells["national_no"], []).append(NationalRow(row["line"], cells, tuple(_faults(row))))
    return found


def _faults(row: asyncpg.Record) -> list[FieldError]:
    faults = []
    for column in _COLUMNS:
        if row[f"{column.field}_blank"]:
            if column.required:
                faults.append(FieldError("cell-missing", line=row["line"], column=column.heading))
            continue
        value = row[column.field]
        if column.cell is Cell.RESIDENT_ID and row["id_problem"]:
            faults.append(FieldError(row["id_problem"], line=row["line"], column=column.heading))
        elif column.cell in _FORMS and value is None:
            faults.append(FieldError(_FORMS[column.cell], line=row["line"], column=column.heading))
        elif column.cell is Cell.CODE and value not in column.codes:
            faults.append(FieldError("code-unknown", line=row["line"], column=column.heading))
    faults += _income_faults(row)
    if row["resident_id"] is not None and row["holders"] > 1:
        faults.append(FieldError("id-twice", line=row["line"], column="证件号码"))
    return faults


def _income_faults(row: asyncpg.Record) -> list[FieldError]:
    """Yearly figures need the calendar year that they are of."""
    year, heading = row["income_year"], INCOME_COLUMNS[0].heading
    if row["income_year_blank"]:
        told = any(not row[f"{column.field}_blank"] for column in INCOME_COLUMNS[1:])
        return [FieldError("income-year-missing", line=row["line"], column=heading)] if told else []
    if year is not None and (year % 1 != 0 or not _FIRST_YEAR <= year <= _LAST_YEAR):
        return [FieldError("year-form", line=row["line"], column=heading)]
    return []


async def known_households(
    connection: asyncpg.Connection, numbers: Sequence[str], within: str
) -> dict[str, HouseholdId | None]:
    """The households that have these national numbers; None for one that has ended or is outside of the division."""
    rows = await connection.fetch(_KNOWN, list(numbers), within)
    return {row["national_no"]: HouseholdId(row["id"]) if row["comparable"] else None for row in rows}


async def people_known(connection: asyncpg.Connection, numbers: Sequence[str]) -> set[str]:
    """Which of these people are counted in a household already."""
    rows = await connection.fetch(
        "select distinct resident_id from member where left_on is null and resident_id = any($1)", list(numbers)
    )
    return {row["resident_id"] for row in rows}

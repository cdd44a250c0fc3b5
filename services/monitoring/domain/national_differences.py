"""Where a workbook that is brought in again says otherwise than the registry: listed for a person to settle.

Nothing is changed by a comparison. An absent column and an empty cell say nothing; clearing is a command. A yearly
figure is compared with the entry of the same year. What a procedure decides (class, risks, months) and what a command
of its own does (moving, joining, leaving) is listed too, and cannot be accepted from here.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from contracts.decision import Answer
from contracts.files import national
from contracts.files.columns import Cell, Column
from contracts.month import Month
from services.monitoring.domain import errors, national_rows
from services.monitoring.domain.circumstances import Guarantee
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_details import HouseholdDetails
from services.monitoring.domain.ids import MemberId
from services.monitoring.domain.income import IncomeEntry, IncomeKind, year_of
from services.monitoring.domain.member import Member, MemberDetails

SOURCE = "national-system"
"""The source under which the yearly figures of the workbook are recorded."""
YES, NO = "是", "否"
RESIDENT_ID = "resident_id"
_COMPARED = (
    *(column for column in national.HOUSEHOLD_COLUMNS if column.field != "national_no"),
    *national.INCOME_COLUMNS[1:],
    *national.MONITORING_COLUMNS,
)
_OF_MEMBER = tuple(column for column in national.MEMBER_COLUMNS if column.field != RESIDENT_ID)
_INCOME = {kind.value.replace("-", "_"): kind for kind in IncomeKind}
_GUARANTEES = {
    "dangerous_house": "housing",
    "safe_water": "water",
    "education_secured": "education",
    "medical_secured": "medical",
}
_CODES: Mapping[str, Mapping[str, str]] = {
    "relation": national.RELATIONS,
    "sex": national.SEXES,
    "ethnicity": national.ETHNICITIES,
    "education": national.EDUCATION,
    "health": national.HEALTH,
    "labour": national.LABOUR,
}
_HEADINGS = {column.field: column.heading for column in national.NATIONAL.columns}


class DifferenceKind(StrEnum):
    DIFFERS = "differs"
    NOT_RECORDED = "not-recorded"
    MEMBER_UNKNOWN = "member-unknown"
    """The file has a person whom the household does not have."""
    MEMBER_NOT_IN_FILE = "member-not-in-file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One cell of the file, or one person. Values are texts as the workbook writes them; `year` is of income."""

    kind: DifferenceKind
    line: int
    field: str
    member_id: MemberId | None = None
    recorded: str | None = dataclasses.field(default=None, repr=False)
    in_file: str | None = dataclasses.field(default=None, repr=False)
    year: int | None = None

    @property
    def heading(self) -> str:
        return _HEADINGS[self.field]


@dataclass(frozen=True, slots=True)
class FileRow:
    """A member's row of the file: its line, and its cells as they were read."""

    line: int
    cells: Mapping[str, Any]


def differences(household: Household, incomes: Sequence[IncomeEntry], rows: Sequence[FileRow]) -> list[Difference]:
    """Everything in which the rows of one household say otherwise, in the order of the file's columns and lines."""
    first = rows[0]
    year = first.cells["income_year"]
    year = None if year is None else int(year)
    recorded = national_rows.household_cells(household, incomes, year)
    found = [
        replace(one, year=year) if one.field in _INCOME else one for one in _cells(_COMPARED, recorded, first, None)
    ]
    by_id = {member.details.resident_id: member for member in household.present_members}
    in_file = {row.cells[RESIDENT_ID] for row in rows}
    for row in rows:
        member = by_id.get(row.cells[RESIDENT_ID])
        if member is None:
            found.append(
                Difference(
                    kind=DifferenceKind.MEMBER_UNKNOWN,
                    line=row.line,
                    field=RESIDENT_ID,
                    in_file=row.cells[RESIDENT_ID],
                )
            )
        else:
            found += _cells(_OF_MEMBER, national_rows.member_cells(member), row, member)
    found += [
        Difference(
            kind=DifferenceKind.MEMBER_NOT_IN_FILE,
            line=first.line,
            field=RESIDENT_ID,
            member_id=member.id,
            recorded=member.details.resident_id,
        )
        for number, member in by_id.items()
        if number not in in_file
    ]
    return found


def _cells(
    columns: Sequence[Column], recorded: Mapping[str, national_rows.Cell], row: FileRow, member: Member | None
) -> list[Difference]:
    found = []
    for column in columns:
        said = _written(column, row.cells[column.field])
        known = _written(column, recorded.get(column.field))
        if said is not None and said != known:
            found.append(
                Difference(
                    kind=DifferenceKind.NOT_RECORDED if known is None else DifferenceKind.DIFFERS,
                    line=row.line,
                    field=column.field,
                    member_id=member.id if member else None,
                    recorded=known,
                    in_file=said,
                )
            )
    return found


def _written(column: Column, value: Any) -> str | None:
    """A value as one text, whichever of the two sides it comes from."""
    if value is None or value == "":
        return None
    if column.cell is Cell.YUAN:
        return f"{Decimal(value):.2f}"
    if column.cell is Cell.MONTH and isinstance(value, date):
        return Month.of(value).compact
    if isinstance(value, bool):
        return YES if value else NO
    return str(value)


# -- accepting what the file says


def accepted_household(one: Difference, known: HouseholdDetails, on: date) -> HouseholdDetails:
    """The household's details as the file has them in this cell. Raises NotForAccepting."""
    said = one.in_file
    if one.field in _GUARANTEES and said is not None:
        secured = (said == YES) is not (one.field == "dangerous_house")
        found = Guarantee(Answer.of(secured), on)
        return replace(known, guarantees=replace(known.guarantees, **{_GUARANTEES[one.field]: found}))
    if one.field == "household_type" and said is not None:
        return replace(known, household_type=HouseholdType(national.HOUSEHOLD_TYPES[said]))
    if one.field == "resettlement_site":
        return replace(known, resettlement_site=said)
    raise errors.NotForAccepting


def accepted_member(one: Difference, known: MemberDetails) -> MemberDetails:
    """A member's details as the file has them in this cell. Raises NotForAccepting."""
    said = one.in_file
    if said is None or one.field == RESIDENT_ID:
        raise errors.NotForAccepting
    if one.field == "born_on":
        return replace(known, born_on=date.fromisoformat(said))
    codes = _CODES.get(one.field)
    changed: dict[str, Any] = {one.field: said if codes is None else codes[said]}
    return replace(known, **changed)


def accepted_income(one: Difference, household: Household, on: date) -> IncomeEntry | None:
    """The yearly entry that the file's cell is; None where it is no figure of income."""
    if one.field not in _INCOME or one.year is None or one.in_file is None:
        return None
    key = year_of(household.id, _INCOME[one.field], one.year, SOURCE)
    return IncomeEntry(key=key, amount=Decimal(one.in_file), recorded_on=on)

"""A row of a bureau's file before it is written, and the calendar on which the files are sent."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.files.bureau import BUREAU_FILES
from contracts.month import Month

FIRST_MONTH = Month(2023, 8)
MONTHS = tuple(FIRST_MONTH.plus(number) for number in range(12))
FIRST_DAY, LAST_DAY = MONTHS[0].first_day, MONTHS[-1].last_day
KINDS = tuple(BUREAU_FILES)
KIND_INDEX = {kind: index for index, kind in enumerate(KINDS)}
MONTH_INDEX = {month: index for index, month in enumerate(MONTHS)}

CellValue = str | Decimal | int | date | None
_PREFIXES = {
    "medical": "YB",
    "tuition": "XJ",
    "housing": "ZF",
    "water": "YS",
    "disaster": "ZH",
    "job-loss": "SY",
    "civil-affairs": "MZ",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the bureau knows it; `values` stand in the order of the layout's columns."""

    kind: str
    month: Month
    """The month of the file that holds it, which may be later than the record's own day."""
    values: tuple[CellValue, ...]

    @property
    def record_no(self) -> str:
        return str(self.values[0])


def row(kind: str, month: Month, **values: CellValue) -> Row:
    """A row from its fields by name; a field that is not given stays an empty cell."""
    columns = BUREAU_FILES[kind].columns
    if unknown := values.keys() - {column.field for column in columns}:
        raise ValueError(f"{kind} files have no field {sorted(unknown)}")
    return Row(kind, month, tuple(values.get(column.field) for column in columns))


def record_no(kind: str, series: str, number: int) -> str:
    """A number that no two records of a kind share, as long as each series counts its own."""
    return f"{_PREFIXES[kind]}{series}{number:012d}"


def payment_shares(amount: Decimal) -> dict[str, Decimal]:
    """The other cells of a settlement of which the patient paid `amount`: they add up to the total."""
    basic = (amount * 2).quantize(Decimal("0.01"))
    major = (amount / 4).quantize(Decimal("0.01")) if amount >= 3000 else Decimal("0.00")
    assistance = Decimal("0.00")
    return {
        "total": amount + basic + major + assistance,
        "basic_paid": basic,
        "major_paid": major,
        "assistance_paid": assistance,
    }

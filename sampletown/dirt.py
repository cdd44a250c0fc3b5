"""The dirt of real files: readable oddities, and faults that make a row unreadable and must be reported.

Readable: ids with 15 digits, spaces, full-width digits, a small x or an apostrophe; disability-card numbers;
dates in three forms; thousands separators; blank lines; an extra column; merged titles above the headings of
workbooks. Unreadable: an id that is no id, a day that is no day, an amount that is no amount; and a record that
stands there twice, which counts once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from stdnum.cn import ric

from contracts.files.columns import Cell, Column, FileLayout
from sampletown.row import CellValue, Row

ID_FORM, ID_BIRTH_DATE, ID_CHECK_DIGIT = "id-form", "id-birth-date", "id-check-digit"
DATE_FORM, AMOUNT_FORM, DUPLICATE_ROW = "date-form", "amount-form", "duplicate-row"

_FAULTY, _TWICE, _BLANK_AFTER = 0.015, 0.02, 0.01
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_EXTRA_CELL = "合成样例数据"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file below its headings. `fault` names the column and the code when it cannot count."""

    cells: tuple[CellValue, ...]
    record_no: str = ""
    fault: tuple[str, str] | None = None


def clean_lines(rows: Iterable[Row]) -> Iterator[Line]:
    return (Line(row.values, row.record_no) for row in rows)


def dirty_lines(rows: Iterable[Row], layout: FileLayout, rng: Random) -> Iterator[Line]:
    """The same records as a careless clerk would send them."""
    for row in rows:
        if rng.random() < _FAULTY:
            yield _faulty_line(row, layout, rng)
            continue
        yield Line(_dirty_cells(row, layout, rng), row.record_no)
        if rng.random() < _BLANK_AFTER:
            yield Line(("",) * (len(layout.columns) + 1))
        if rng.random() < _TWICE:
            fault = (layout.columns[0].heading, DUPLICATE_ROW)
            yield Line(_dirty_cells(row, layout, rng), row.record_no, fault)


def _dirty_cells(row: Row, layout: FileLayout, rng: Random) -> tuple[CellValue, ...]:
    cells = [_dirty(value, column, rng) for column, value in zip(layout.columns, row.values, strict=True)]
    return (*cells, _EXTRA_CELL)


def _dirty(value: CellValue, column: Column, rng: Random) -> CellValue:
    if value is None:
        return ""
    if column.cell is Cell.RESIDENT_ID:
        return _dirty_id(str(value), rng)
    if isinstance(value, date):
        return _dirty_date(value, rng)
    if isinstance(value, Decimal) and column.cell is Cell.YUAN:
        return _dirty_amount(value, rng)
    if column.field in ("name", "employer", "school") and rng.random() < 0.05:
        return f"{value} "
    return str(value)


def _dirty_id(number: str, rng: Random) -> str:
    style = rng.random()
    if style < 0.1 and number[6:8] == "19":
        return number[:6] + number[8:17]
    if style < 0.2:
        return number.translate(_FULL_WIDTH)
    if style < 0.3:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    if style < 0.4:
        return number.lower()
    if style < 0.43:
        return f"{number}43"
    if style < 0.46:
        return f"'{number}"
    return number


def _dirty_date(day: date, rng: Random) -> CellValue:
    style = rng.random()
    if style < 0.3:
        return f"{day.year}/{day.month}/{day.day}"
    if style < 0.6:
        return f"{day:%Y%m%d}"
    if style < 0.65:
        return f"{day:%Y-%m-%d}".translate(_FULL_WIDTH)
    return day


def _dirty_amount(amount: Decimal, rng: Random) -> CellValue:
    style = rng.random()
    if style < 0.3:
        return f"{amount:,.2f}"
    if style < 0.4:
        return f"{amount:.2f}".translate(_FULL_WIDTH)
    if style < 0.5:
        return f" {amount:.2f} "
    if style < 0.6:
        return f"{amount:.2f}".rstrip("0").rstrip(".")
    return amount


def _faulty_line(row: Row, layout: FileLayout, rng: Random) -> Line:
    """The row with one cell that nobody can read."""
    possible = [place for place, column in enumerate(layout.columns) if column.cell in _SPOILERS]
    filled = [place for place in possible if row.values[place] is not None]
    place = rng.choice(filled)
    column = layout.columns[place]
    code, spoilt = _spoil(column, row.values[place], rng)
    cells = list(_dirty_cells(row, layout, rng))
    cells[place] = spoilt
    return Line(tuple(cells), row.record_no, (column.heading, code))


_SPOILERS = {
    Cell.RESIDENT_ID: (ID_FORM, ID_BIRTH_DATE, ID_CHECK_DIGIT),
    Cell.DATE: (DATE_FORM,),
    Cell.YUAN: (AMOUNT_FORM,),
}
_NO_DATES = ("2024-02-30", "2024/13/05", "20230931", "上月中旬", "24年")
_NO_AMOUNTS = ("约五千元", "12.34.5", "--", "1e400元")


def _spoil(column: Column, value: CellValue, rng: Random) -> tuple[str, str]:
    code = rng.choice(_SPOILERS[column.cell])
    if code == DATE_FORM:
        return code, rng.choice(_NO_DATES)
    if code == AMOUNT_FORM:
        return code, rng.choice(_NO_AMOUNTS)
    number = str(value)
    if code == ID_FORM:
        return code, rng.choice((number[:16], f"{number[:10]}O{number[11:]}", number + "7"))
    if code == ID_BIRTH_DATE:
        body = f"{number[:10]}13{number[12:17]}"
        return code, body + ric.calc_check_digit(body + "0")
    wrong = "0" if number[-1] != "0" else "1"
    return code, number[:-1] + wrong

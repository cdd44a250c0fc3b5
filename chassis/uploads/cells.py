"""Reads single cells of uploaded files: the same readings as readers.sql and resident_ids.sql, in Python.

Bulk work uses the SQL; this is for previews and small things, and the measure by which the SQL is tested. A reader
gives None for what it cannot read, and never raises.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from contracts.files.columns import Cell
from contracts.month import Month
from contracts.resident_id import InvalidResidentId, normalise

_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?", re.ASCII)
_COMPACT_DATES = (
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII),
)
_MONTHS = (
    re.compile(r"(\d{4})(\d{2})", re.ASCII),
    re.compile(r"(\d{4})[-/.](\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})年(\d{1,2})月", re.ASCII),
)
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,12})(?:\.\d{1,6}0*)?", re.ASCII)
_FORMULA = re.compile(r"'[=+@-]")
_EXCEL_NUMBER = re.compile(r"\d(?:\.\d+)?E\+?\d{2}", re.ASCII)
_YES = frozenset({"是", "有", "Y", "YES", "1", "TRUE"})
_NO = frozenset({"否", "无", "N", "NO", "0", "FALSE"})


def read_text(written: str) -> str | None:
    """The text in narrow forms, without white space around it; None when nothing is left.

    A text that our own exports had to keep from being taken for a formula loses the apostrophe again.
    """
    tidy = unicodedata.normalize("NFKC", written).strip()
    return (tidy[1:] if _FORMULA.match(tidy) else tidy) or None


def compact(written: str) -> str:
    """The text in narrow forms without any white space."""
    return "".join(unicodedata.normalize("NFKC", written).split())


def read_date(written: str) -> date | None:
    """2024-03-05, 2024/3/5, 2024.3.5, 20240305, 2024年3月5日; a time of day after it is ignored."""
    if match := _DATE.fullmatch(read_text(written) or ""):
        return _day(match[1], match[3], match[4])
    tidy = compact(written)
    for form in _COMPACT_DATES:
        if match := form.fullmatch(tidy):
            return _day(match[1], match[2], match[3])
    return None


def read_month(written: str) -> Month | None:
    """202403, 2024-03, 2024/3, 2024.3, 2024年3月; also a date that is the first of a month (Excel makes those)."""
    tidy = compact(written)
    for form in _MONTHS:
        if match := form.fullmatch(tidy):
            day = _day(match[1], match[2], "1")
            return Month.of(day) if day else None
    day = read_date(written)
    return Month.of(day) if day and day.day == 1 else None


def read_number(written: str) -> Decimal | None:
    """1234, -1,234.5, +12.250: at most twelve digits before the point and six after it."""
    tidy = compact(written)
    return Decimal(tidy.replace(",", "")) if _NUMBER.fullmatch(tidy) else None


def read_yuan(written: str) -> Decimal | None:
    """A number, perhaps with ¥ before or 元 behind it, that has no fractions of a fen."""
    amount = read_number(compact(written).removeprefix("¥").removesuffix("元"))
    if amount is None or amount != round(amount, 2):
        return None
    return round(amount, 2)


def read_yes_no(written: str) -> bool | None:
    answer = compact(written).upper()
    return True if answer in _YES else False if answer in _NO else None


def read_resident_id(written: str) -> str | None:
    """The eighteen characters behind a written resident id."""
    try:
        return normalise(written)
    except InvalidResidentId:
        return None


def resident_id_problem(written: str) -> str | None:
    """Why a cell holds no resident id, None when it does or is blank.

    `id-number-format` is a number that a spreadsheet made of it (1.10105E+17): the digits are lost.
    """
    number = compact(written).upper().lstrip("'")
    if not number:
        return None
    if _EXCEL_NUMBER.fullmatch(number):
        return "id-number-format"
    try:
        normalise(written)
    except InvalidResidentId as error:
        return error.reason
    return None


def _day(year: str, month: str, day: str) -> date | None:
    if not 1900 <= int(year) <= 2100:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


READERS: dict[Cell, Callable[[str], object]] = {
    Cell.TEXT: read_text,
    Cell.CODE: read_text,
    Cell.RESIDENT_ID: read_resident_id,
    Cell.DATE: read_date,
    Cell.MONTH: read_month,
    Cell.YUAN: read_yuan,
    Cell.NUMBER: read_number,
    Cell.YES_NO: read_yes_no,
}
"""Which reader reads a column's cells; the SQL reader is `chassis.<the same name>`."""

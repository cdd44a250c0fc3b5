"""A patient reader of bureaus' files, written for these tests: understands the dirt, reports what nobody could read."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from python_calamine import CalamineWorkbook

from contracts.files.columns import Cell, Column, FileLayout
from contracts.resident_id import InvalidResidentId, normalise
from sampletown.bureau_file import BureauFile
from tests.sampletown.screening_by_hand import Record

Problem = tuple[str, int, str, str]


class Unreadable(ValueError):
    pass


def grid(file: BureauFile) -> list[list[object]]:
    """The physical lines of a file."""
    content = file.content()
    if file.format == "csv":
        return list(csv.reader(io.StringIO(content.decode(file.encoding), newline="")))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return sheet.to_python(skip_empty_area=False)


def records(file: BureauFile, problems: list[Problem]) -> Iterator[Record]:
    lines = grid(file)
    first = file.layout.columns[0].heading
    top = next(number for number, cells in enumerate(lines) if cells and cells[0] == first)
    columns = [file.layout.by_heading.get(str(heading)) for heading in lines[top]]
    seen: set[str] = set()
    for number, cells in enumerate(lines[top + 1 :], start=top + 2):
        if not any(str(cell).strip() for cell in cells):
            continue
        try:
            record = _record(file.layout, columns, cells)
        except Unreadable as why:
            problems.append((file.path, number, *why.args))
            continue
        if record.record_no in seen:
            problems.append((file.path, number, first, "duplicate-row"))
            continue
        seen.add(record.record_no)
        yield record


def _record(layout: FileLayout, columns: list[Column | None], cells: list[object]) -> Record:
    told = {
        column.field: _value(column, cell) for column, cell in zip(columns, cells, strict=True) if column is not None
    }
    return Record(layout.kind, told["record_no"], told["resident_id"], told["occurred_on"], told)


def _value(column: Column, cell: object) -> object:
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    if text == "":
        if column.required:
            raise Unreadable(column.heading, "empty")
        return None
    match column.cell:
        case Cell.RESIDENT_ID:
            try:
                return normalise(text)
            except InvalidResidentId as error:
                raise Unreadable(column.heading, error.reason) from error
        case Cell.DATE:
            return _day(column, cell, text)
        case Cell.YUAN | Cell.NUMBER:
            try:
                return Decimal(text.replace(",", ""))
            except InvalidOperation as error:
                raise Unreadable(column.heading, "amount-form") from error
        case Cell.CODE:
            assert text in column.codes
    return text


def _day(column: Column, cell: object, text: str) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    parts = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})(\d{2})(\d{2})", text)
    try:
        return date(*(int(part) for part in parts.groups() if part))
    except (ValueError, AttributeError) as error:
        raise Unreadable(column.heading, "date-form") from error

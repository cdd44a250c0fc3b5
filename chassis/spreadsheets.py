"""Writes lists as CSV and XLSX that open in Excel as they are meant: nothing runs, no resident id becomes a number.

Rows are taken as they come and never held all at once. Ids are passed as text; in XLSX they are text cells. CSV has no
types: who opens one in Excel by a double click loses the end of long numbers, so people are given XLSX.
"""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

from chassis.uploads.errors import TooManyRows
from chassis.uploads.spool import own_directory, read_all, spooled

Value = str | int | Decimal | date | datetime | bool | None

MEDIA_TYPE_CSV = "text/csv; charset=utf-8; header=present"
MEDIA_TYPE_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BATCH = 1_000
_XLSX_ROWS = 1_048_576
_XLSX_CHARACTERS = 32_767
_RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?", re.ASCII)


async def write_csv(headings: Sequence[str], rows: AsyncIterable[Sequence[Value]]) -> AsyncIterator[bytes]:
    """UTF-8 with byte order mark and CRLF, as Excel wants it (RFC 4180 otherwise), in pieces of a thousand rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(headings)
    async for batch in _batches(rows):
        writer.writerows([csv_text(value) for value in row] for row in batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest.encode()


def csv_text(value: Value) -> str:
    """A value as a cell of CSV. Text that a spreadsheet would run as a formula gets an apostrophe before it.

    Numbers may begin with a sign. The readers of chassis.uploads take the apostrophe away again.
    """
    text = plain_text(value)
    if text.startswith(_RUNS_AS_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def plain_text(value: Value) -> str:
    """A value as people write it: 是 and 否, days as 2024-03-05, amounts with all their places."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


async def write_xlsx(
    headings: Sequence[str], rows: AsyncIterable[Sequence[Value]], *, sheet: str, spool: Path
) -> AsyncIterator[bytes]:
    """A workbook of one sheet, written row by row to a spool file and sent from there.

    Raises TooManyRows when the rows do not fit into a sheet.
    """
    with spooled(spool, ".xlsx") as path:
        writer = _SheetWriter(path, sheet, own_directory(spool))
        try:
            await asyncio.to_thread(writer.write, [headings])
            async for batch in _batches(rows):
                await asyncio.to_thread(writer.write, batch)
        finally:
            # Also after an error: closing is what removes the library's own temporary files.
            await asyncio.to_thread(writer.close)
        async for chunk in read_all(path):
            yield chunk


class _SheetWriter:
    """One sheet in constant memory: a row is on disk as soon as the next begins."""

    def __init__(self, path: Path, sheet: str, temporary: Path) -> None:
        self._workbook = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(temporary)})
        self._sheet = self._workbook.add_worksheet(sheet)
        self._money: Format = self._workbook.add_format({"num_format": "0.00"})
        self._day: Format = self._workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._row = 0

    def write(self, rows: Sequence[Sequence[Value]]) -> None:
        for row in rows:
            if self._row >= _XLSX_ROWS:
                raise TooManyRows(_XLSX_ROWS)
            for column, value in enumerate(row):
                self._cell(column, value)
            self._row += 1

    def _cell(self, column: int, value: Value) -> None:
        sheet: Any = self._sheet
        if value is None:
            return
        if isinstance(value, Decimal):
            sheet.write_number(self._row, column, value, self._money)
        elif isinstance(value, int) and not isinstance(value, bool):
            sheet.write_number(self._row, column, value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            sheet.write_datetime(self._row, column, value, self._day)
        else:
            sheet.write_string(self._row, column, plain_text(value)[:_XLSX_CHARACTERS])

    def close(self) -> None:
        self._workbook.close()


async def _batches(rows: AsyncIterable[Sequence[Value]]) -> AsyncIterator[list[Sequence[Value]]]:
    batch: list[Sequence[Value]] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

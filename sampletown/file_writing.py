"""Writes lines as CSV or as a workbook, one after the other, so that a file of any length needs little memory."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO

import xlsxwriter

from sampletown.row import CellValue

_MADE_ON = datetime(2023, 8, 1, tzinfo=UTC).replace(tzinfo=None)
"""Workbooks carry the day they were made; a fixed one keeps the same seed's bytes the same."""
SYNTHETIC = "合成样例数据 synthetic sample data"


def cell_text(value: CellValue) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def write_csv(target: IO[bytes], *, encoding: str, lines: Iterable[tuple[CellValue, ...]]) -> None:
    """CSV with CRLF as spreadsheets write it; `utf-8-sig` begins with a byte order mark."""
    text = io.TextIOWrapper(target, encoding=encoding, newline="", write_through=False)
    csv.writer(text).writerows([cell_text(value) for value in cells] for cells in lines)
    text.flush()
    text.detach()


def write_workbook(
    target: IO[bytes] | Path, *, title_rows: tuple[tuple[str, ...], ...], lines: Iterable[tuple[CellValue, ...]],
    columns: int,
) -> None:  # fmt: skip
    """A workbook of one sheet; each title row is merged into as many ranges as it has texts."""
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    book.set_properties({"title": SYNTHETIC, "comments": SYNTHETIC, "created": _MADE_ON})
    sheet = book.add_worksheet()
    day_format, yuan_format = (
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"num_format": "0.00"}),
    )
    for number, texts in enumerate(title_rows):
        width = columns // len(texts)
        for place, text in enumerate(texts):
            last = columns - 1 if place == len(texts) - 1 else (place + 1) * width - 1
            sheet.merge_range(number, place * width, number, last, text)
    for number, cells in enumerate(lines, start=len(title_rows)):
        for place, value in enumerate(cells):
            if isinstance(value, date):
                sheet.write_datetime(number, place, value, day_format)
            elif isinstance(value, Decimal):
                sheet.write_number(number, place, float(value), yuan_format)
            elif isinstance(value, int):
                sheet.write_number(number, place, value)
            elif value:
                sheet.write_string(number, place, value)
    book.close()

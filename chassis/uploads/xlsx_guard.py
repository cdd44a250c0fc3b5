"""Reads the sheets of a workbook as a stream, to learn how many cells they really span.

A reader of spreadsheets sets up the whole rectangle that a sheet spans, so two cells in opposite corners, or a
dimension that lies, can ask for more memory than there is. The parser here holds one element at a time.
"""

import re
from pathlib import Path
from xml.parsers import expat

from chassis.uploads.errors import FileFormat, WrongDimension
from chassis.uploads.limits import UploadLimits
from chassis.uploads.xlsx_container import Expansion, inflate, read_directory
from contracts.decision import Because

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})", re.ASCII)
_SHEETS = re.compile(r"xl/(work|chart|dialog|macro)sheets/[^/]+\.xml", re.IGNORECASE)


def guard(path: Path, limits: UploadLimits) -> None:
    """Every part inflated once, with a bound; every sheet measured. Raises what errors.py has for workbooks."""
    parts = read_directory(path, limits)
    expansion = Expansion(parts, limits)
    with path.open("rb") as file:
        for part in parts:
            sheet = SheetMeasure(limits) if _SHEETS.fullmatch(part.filename) else None
            for piece in inflate(file, part):
                expansion.add(piece)
                if sheet:
                    sheet.feed(piece)
            if sheet:
                sheet.close()


class SheetMeasure:
    """Compares what one sheet says of its size, and what it holds, with the limits."""

    def __init__(self, limits: UploadLimits) -> None:
        self._limits = limits
        self._row = self._column = 0
        self._last_row = self._last_column = 0
        self._columns: dict[str, int] = {}
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._element
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, piece: bytes) -> None:
        try:
            self._parser.Parse(piece, False)
        except expat.ExpatError as error:
            raise FileFormat(Because(zh="工作表不是有效的 XML", en="A sheet is not valid XML")) from error

    def close(self) -> None:
        """The sheet must be whole, and what it spans within the limits."""
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FileFormat(Because(zh="工作表不是有效的 XML", en="A sheet is not valid XML")) from error

    def _doctype(self, *_: object) -> None:
        raise FileFormat(Because(zh="工作表含有文档类型声明", en="A sheet declares a document type"))

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
                self._span(self._row, self._column)
            else:
                self._row, self._column = self._position(reference)
                self._span(self._row, self._column)
        elif tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 9 else self._row + 1
            self._column = 0
        elif tag == "dimension":
            self._span(*self._position(attributes.get("ref", "A1").rpartition(":")[2]))

    def _position(self, reference: str) -> tuple[int, int]:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise WrongDimension
        letters = match[1]
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters)
        return int(match[2]), column

    def _span(self, row: int, column: int) -> None:
        if row <= self._last_row and column <= self._last_column:
            return
        self._last_row = max(self._last_row, row)
        self._last_column = max(self._last_column, column)
        too_many = self._last_row * self._last_column > self._limits.max_xlsx_cells
        if too_many or column > self._limits.max_columns or row > self._limits.max_rows:
            raise WrongDimension(
                Because(
                    zh=f"最多 {self._limits.max_columns} 列、{self._limits.max_xlsx_cells} 个单元格",
                    en=f"At most {self._limits.max_columns} columns and {self._limits.max_xlsx_cells} cells are read",
                )
            )


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number

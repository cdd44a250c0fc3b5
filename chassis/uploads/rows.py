"""Sorts the rows of a CSV text into well-formed and malformed ones, at the speed of one regular expression.

COPY aborts the whole file at the first row with a column too few, so every row is checked before it is sent. Reading
each row with the csv module takes 4.2 s for a million rows of ten columns (COPY itself takes about 1 s); one match
over a whole block takes 0.55 s, and 1.6 s when every cell is quoted (docs/decisions, "Uploads").
"""

import csv
import re
from dataclasses import dataclass

from chassis.uploads.errors import FileFormat, FileTruncated, TooManyFaults, TooManyRows
from chassis.uploads.limits import UploadLimits
from contracts.decision import Because

# A cell is quoted as RFC 4180 has it, or holds neither quotation mark nor line break. This is stricter than COPY,
# which would take a stray quotation mark for the start of a cell that swallows the rows below.
_QUOTED = rb'"(?:[^"\x00]++|"")*+"'
_OPEN = rb'"(?:[^"\x00]++|"")*+"?'
_BARE = rb'[^",\r\n\x00]*+'
_CELL = rb"(?:" + _QUOTED + rb"|" + _BARE + rb")"
_RAW_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class RowFault:
    """A malformed row: where, why, and what stood there (kept for audit, never shown in an answer)."""

    line: int
    code: str
    raw: str


class RowCheck:
    """Feeds on text in any pieces; gives whole, well-formed rows, with an empty row in place of each malformed one.

    The empty rows keep row numbers equal to those that a spreadsheet shows, without Python numbering any row.
    """

    def __init__(self, columns: int, *, first_line: int, limits: UploadLimits) -> None:
        self._rows = re.compile(rb"(?:" + rb",".join([_CELL] * columns) + rb"\n)*+")
        # What may be the beginning of a row with a line break in a quoted cell: it waits for more.
        self._unfinished = re.compile(rb"(?:" + _CELL + rb",)*+(?:" + _OPEN + rb"|" + _BARE + rb")\Z")
        self._columns = columns
        self._empty = b"," * (columns - 1) + b"\n"
        self._first_line = self._line = first_line
        self._limits = limits
        self._rest = b""
        self.faults: list[RowFault] = []

    def feed(self, data: bytes, *, final: bool = False) -> bytes:
        """Rows that are ready for COPY. Raises TooManyRows, TooManyFaults, FileFormat, FileTruncated."""
        text = self._rest + data
        cut_off = final and text != b"" and not text.endswith(b"\n")
        if cut_off:
            text += b"\n"
        ready: list[bytes] = []
        position = 0
        while position < len(text):
            matched = self._rows.match(text, position)
            end = matched.end() if matched else position
            if end > position:
                ready.append(text[position:end])
                self._line += rows_in(ready[-1])
                position = end
                continue
            line_end = text.find(b"\n", position)
            if line_end < 0 or (not final and self._goes_on(text, position)):
                break
            self._fault(text[position:line_end], cut_off=cut_off and line_end == len(text) - 1)
            ready.append(self._empty)
            position = line_end + 1
        self._rest = text[position:]
        if len(self._rest) > self._limits.max_record_bytes:
            raise FileFormat(Because(zh="行过长", en="A row is too long"), line=self._line)
        if self._line - self._first_line > self._limits.max_rows:
            raise TooManyRows(self._limits.max_rows)
        return b"".join(ready)

    def _goes_on(self, text: bytes, position: int) -> bool:
        short = len(text) - position <= self._limits.max_record_bytes
        return short and self._unfinished.match(text, position) is not None

    def _fault(self, row: bytes, *, cut_off: bool) -> None:
        if cut_off:
            raise FileTruncated(Because(zh="末行不完整", en="The last row breaks off"), line=self._line)
        # A blank line is no row, and nothing to report.
        if row.strip():
            code = fault_code(row, self._columns)
            self.faults.append(RowFault(self._line, code, readable(row)))
        if len(self.faults) > self._limits.max_faults:
            raise TooManyFaults(line=self._line)
        self._line += 1


def rows_in(block: bytes) -> int:
    """How many rows a block of well-formed rows holds; line breaks within quoted cells do not count."""
    if b'"' not in block:
        return block.count(b"\n")
    # Every other piece between quotation marks lies outside of them.
    return sum(piece.count(b"\n") for piece in block.split(b'"')[::2])


def fault_code(row: bytes, columns: int) -> str:
    """Why a physical line is not a row of so many columns."""
    if b"\x00" in row or b"\r" in row:
        return "row-characters"
    try:
        cells = next(csv.reader([row.decode()]))
    except csv.Error:
        return "row-quotes"
    if len(cells) == columns:
        return "row-quotes"
    return "row-too-short" if len(cells) < columns else "row-too-long"


def readable(row: bytes) -> str:
    """The beginning of a malformed row as text that a database can hold."""
    return row.decode(errors="replace").replace("\x00", "\ufffd")[:_RAW_CHARACTERS]

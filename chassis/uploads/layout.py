"""Finds the row of headings of a bureau's file, which may lie below titles and merged rows."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice

from chassis.uploads.errors import FileFormat, HeadingDuplicate, HeadingMissing, TooManyColumns
from contracts.files.columns import Column, FileLayout

HEADING_ROWS = 10
"""The row of headings is looked for among so many rows from the top."""


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """The headings of one file and what each column means to us."""

    line: int
    """Number of the row as a spreadsheet shows it, counted from 1."""
    headings: tuple[str, ...]
    columns: tuple[Column | None, ...]
    """In the file's own order; None where the layout does not know the heading."""
    absent: tuple[Column, ...]
    """Optional columns that the file does not have."""

    @property
    def extra(self) -> tuple[str, ...]:
        """Headings that the layout does not know; they are listed and ignored."""
        pairs = zip(self.headings, self.columns, strict=True)
        return tuple(heading for heading, column in pairs if column is None and heading)

    @property
    def fields(self) -> tuple[str, ...]:
        """A distinct name for every column of the file, in order: our field, or `extra_<position>`."""
        return tuple(column.field if column else f"extra_{position}" for position, column in enumerate(self.columns, 1))


def comparable(heading: str) -> str:
    """A heading as it is compared: full-width forms made narrow, without any space."""
    return "".join(unicodedata.normalize("NFKC", heading).split())


def find_headings(head: bytes, layout: FileLayout, *, max_columns: int) -> tuple[HeadingRow, int]:
    """The row of headings in the beginning of a file (UTF-8, line feeds), and the offset of the first row after it.

    It is the first of the first ten rows that has every required heading. Raises HeadingMissing with the headings
    that the best of those rows lacks, HeadingDuplicate, TooManyColumns.
    """
    known = {comparable(column.heading): column for column in layout.columns}
    required = {heading for heading, column in known.items() if column.required}
    lacking = required
    for line, (headings, end) in enumerate(_first_rows(head), 1):
        if len(headings) > max_columns:
            raise TooManyColumns(max_columns)
        present = [comparable(heading) for heading in headings]
        missing = required.difference(present)
        if not missing:
            return _heading_row(line, headings, [known.get(heading) for heading in present], layout), end
        if len(missing) < len(lacking):
            lacking = missing
    raise HeadingMissing(columns=[column.heading for key, column in known.items() if key in lacking])


def _first_rows(head: bytes) -> Iterator[tuple[list[str], int]]:
    """The first rows, each with the offset at which the next begins; no further than they are asked for."""
    lines = [line + b"\n" for line in head.split(b"\n")]
    ends = list(accumulate(len(line) for line in lines))
    # A heading may hold line breaks of its own, which makes a row longer than a line.
    reader = csv.reader(line.decode(errors="replace") for line in lines)
    try:
        for row in islice(reader, HEADING_ROWS):
            yield row, min(ends[reader.line_num - 1], len(head))
    except csv.Error as error:
        raise FileFormat(line=reader.line_num) from error


def _heading_row(line: int, headings: list[str], columns: list[Column | None], layout: FileLayout) -> HeadingRow:
    twice = [column.heading for column, count in Counter(filter(None, columns)).items() if count > 1]
    if twice:
        raise HeadingDuplicate(line=line, columns=twice)
    absent = tuple(column for column in layout.columns if column not in columns)
    return HeadingRow(line, tuple(heading.strip() for heading in headings), tuple(columns), absent)

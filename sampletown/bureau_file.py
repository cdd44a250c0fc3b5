"""One bureau's file of one month: the story's rows among harmless ones, clean or dirty, as CSV or workbook."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from contracts.files.bureau import BUREAU_FILES
from contracts.files.columns import FileLayout
from contracts.month import Month
from sampletown.block import seats_of_block
from sampletown.dirt import Line, clean_lines, dirty_lines
from sampletown.file_writing import SYNTHETIC, write_csv, write_workbook
from sampletown.noise import noise_of_block
from sampletown.randomness import randomness
from sampletown.registry import household
from sampletown.row import KIND_INDEX, MONTH_INDEX, CellValue, Row
from sampletown.scale import Scale, ScaleName
from sampletown.scene import Telling
from sampletown.story import BY_NAME, tell

_FORMS = (("csv", "utf-8-sig"), ("csv", "gb18030"), ("xlsx", ""))
_EXTRA_HEADING = "备注"


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row of a dirty file that cannot count: where it stands (from 1, as a person counts) and why."""

    file: str
    kind: str
    month: Month
    line: int
    column: str
    code: str
    record_no: str


@lru_cache(maxsize=4096)
def telling(seed: int, scale: Scale, index: int, scene: str) -> Telling:
    return tell(seed, household(seed, scale, index), scene)


def rows_of_file(seed: int, scale: Scale, kind: str, month: Month) -> Iterator[Row]:
    """The records of a file, block by block, the story's hidden among the rest."""
    for block in range(scale.blocks):
        rows = [
            row
            for seat in seats_of_block(seed, scale, block)
            if seat.scene is not None and kind in BY_NAME[seat.scene].kinds
            for row in telling(seed, scale, seat.index, seat.scene).rows
            if row.kind == kind and row.month == month
        ]
        rows.extend(noise_of_block(seed, scale, block, kind, month))
        randomness(seed, "order", block, KIND_INDEX[kind], MONTH_INDEX[month]).shuffle(rows)
        yield from rows


@dataclass(frozen=True, slots=True)
class BureauFile:
    """A file as a bureau sends it. Formats go round over kinds and months; a city sends CSV only."""

    seed: int
    scale: Scale
    kind: str
    month: Month
    dirty: bool

    @property
    def layout(self) -> FileLayout:
        return BUREAU_FILES[self.kind]

    @property
    def form(self) -> tuple[str, str]:
        forms = _FORMS[:2] if self.scale.name is ScaleName.CITY else _FORMS
        return forms[(KIND_INDEX[self.kind] + MONTH_INDEX[self.month] + self.dirty) % len(forms)]

    @property
    def format(self) -> str:
        """`csv` or `xlsx`."""
        return self.form[0]

    @property
    def encoding(self) -> str:
        """Of a CSV file: `utf-8-sig` or `gb18030`; empty for a workbook."""
        return self.form[1]

    @property
    def path(self) -> str:
        """Where the file lies below its folder, such as `2023-08/medical.csv`."""
        return f"{self.month}/{self.kind}.{self.format}"

    def rows(self) -> Iterator[Row]:
        """The records themselves, before anybody writes them down."""
        return rows_of_file(self.seed, self.scale, self.kind, self.month)

    def lines(self) -> Iterator[Line]:
        """The lines below the headings, with the faults that a dirty file has."""
        if not self.dirty:
            return clean_lines(self.rows())
        rng = randomness(self.seed, "dirt", KIND_INDEX[self.kind], MONTH_INDEX[self.month])
        return dirty_lines(self.rows(), self.layout, rng)

    @property
    def headings(self) -> tuple[str, ...]:
        own = tuple(column.heading for column in self.layout.columns)
        return (*own, _EXTRA_HEADING) if self.dirty else own

    @property
    def title_rows(self) -> tuple[tuple[str, ...], ...]:
        """Merged rows above the headings of a dirty workbook."""
        if not (self.dirty and self.format == "xlsx"):
            return ()
        return (
            (f"{self.layout.title}（{SYNTHETIC}）",),
            (f"填报单位：{self.layout.bureau}", f"所属月份：{self.month.compact}"),
        )

    def unreadable(self) -> Iterator[UnreadableRow]:
        """The rows that a careful reader reports."""
        for number, line in enumerate(self.lines(), start=len(self.title_rows) + 2):
            if line.fault is not None:
                column, code = line.fault
                yield UnreadableRow(self.path, self.kind, self.month, number, column, code, line.record_no)

    def _all_lines(self) -> Iterator[tuple[CellValue, ...]]:
        yield self.headings
        for line in self.lines():
            yield line.cells

    def write_to(self, target: IO[bytes]) -> None:
        if self.format == "csv":
            write_csv(target, encoding=self.encoding, lines=self._all_lines())
        else:
            write_workbook(target, title_rows=self.title_rows, lines=self._all_lines(), columns=len(self.headings))

    def write(self, folder: Path) -> Path:
        """Write the file below a folder, under its own path."""
        path = folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            self.write_to(target)
        return path

    def content(self) -> bytes:
        target = io.BytesIO()
        self.write_to(target)
        return target.getvalue()

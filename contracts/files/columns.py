"""A column of an exchanged file: its heading, our field, and how its cells are read."""

from dataclasses import dataclass
from enum import StrEnum


class Cell(StrEnum):
    TEXT = "text"
    RESIDENT_ID = "resident-id"
    DATE = "date"
    MONTH = "month"
    YUAN = "yuan"
    NUMBER = "number"
    YES_NO = "yes-no"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    field: str
    cell: Cell
    required: bool = True
    codes: tuple[str, ...] = ()
    """The Chinese labels that a CODE cell may hold."""


@dataclass(frozen=True, slots=True)
class FileLayout:
    """A kind of file: who sends it, under which headings. Extra columns are listed and ignored."""

    kind: str
    bureau: str
    title: str
    columns: tuple[Column, ...]

    @property
    def by_heading(self) -> dict[str, Column]:
        return {column.heading: column for column in self.columns}

"""How far SQL may narrow before a rule decides: the loosest lines that can hold for any household in question.

SQL asks the rule for its lines and keeps every row that passes one of them (no lines: every row). The pure rule then
decides each candidate. Lines may let too much through, never too little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from contracts.parameters import ParameterBook, ParameterValue


class Operator(StrEnum):
    """How a field is held against a line."""

    AT_LEAST = ">="
    ABOVE = ">"
    BELOW = "<"
    ONE_OF = "in"
    IS = "is"


@dataclass(frozen=True, slots=True)
class LineOf:
    """A line that a rule names: the field, the operator, and the parameter key or fixed value behind it."""

    field: str
    operator: Operator
    key: str | None = None
    fixed: Any = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its loosest value: a Decimal, a tuple of codes, or a truth value."""

    field: str
    operator: Operator
    value: Any

    def admits(self, measured: Any) -> bool:
        """Whether a measured value passes; an unknown one does not, as a comparison with NULL in SQL does not."""
        if measured is None:
            return False
        match self.operator:
            case Operator.AT_LEAST:
                return bool(measured >= self.value)
            case Operator.ABOVE:
                return bool(measured > self.value)
            case Operator.BELOW:
                return bool(measured < self.value)
            case Operator.ONE_OF:
                return measured in self.value
            case Operator.IS:
                return measured is self.value


@dataclass(frozen=True, slots=True)
class Bounds:
    """A row is a candidate when it passes any of the lines, or when there are none."""

    rule: str
    lines: tuple[Line, ...]

    def admits(self, row: Mapping[str, Any]) -> bool:
        return not self.lines or any(line.admits(row.get(line.field)) for line in self.lines)


def loosest(line: LineOf, book: ParameterBook, *, first: date, last: date, division: str) -> Line:
    """The line with the loosest of all values in force on any of the days, in or above the division or within it.

    Raises ParameterMissing when there is none.
    """
    if line.key is None:
        return Line(line.field, line.operator, line.fixed)
    values = [value for value in book if value.key == line.key and _may_apply(value, first, last, division)]
    if not values:
        values = [book.find(line.key, last, division)]
    if line.operator is Operator.ONE_OF:
        return Line(line.field, line.operator, tuple(sorted({code for value in values for code in value.value})))
    choose = max if line.operator is Operator.BELOW else min
    return Line(line.field, line.operator, choose(value.decimal for value in values))


def _may_apply(value: ParameterValue, first: date, last: date, division: str) -> bool:
    related = value.division.startswith(division) or division.startswith(value.division)
    return related and value.valid_from <= last and (value.valid_to is None or value.valid_to >= first)

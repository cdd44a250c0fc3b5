"""Dated parameters: every number of policy is data with a date, a division and a source.

A rule asks for a key on the day and in the division that it judges. Where nothing is in force the answer is a
refusal that says so (`ParameterMissing`), never a default.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from contracts.division import Division

NATION = ""
"""The division of a value that holds everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterValue:
    """One value of one key, in force in a division from `valid_from` to `valid_to` (both days included)."""

    key: str
    value: Any
    unit: str
    valid_from: date
    valid_to: date | None
    division: str
    source: str
    clause: str
    sample: bool = False
    """True where the value was found for one region only or not at all: a deployment replaces it."""
    falls_back: bool = False
    """Whether, once expired, the value of the higher division holds again. By default it does not."""
    recorded_at: datetime | None = None

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def decimal(self) -> Decimal:
        """The value as an exact decimal number (amounts and ratios are written as strings)."""
        return Decimal(str(self.value))

    @property
    def fraction(self) -> Fraction:
        """The value as an exact ratio; it may be written `2/3`."""
        return Fraction(str(self.value))

    @property
    def whole(self) -> int:
        """The value as a whole number; raises ValueError for anything else."""
        try:
            number = self.decimal
            if number == int(number):
                return int(number)
        except (ArithmeticError, ValueError):  # A list or an infinity: the same answer as a fraction.
            pass
        raise ValueError(f"{self.key} is not a whole number")


class ParameterMissing(LookupError):
    """No value of a key is in force on a day in a division: a decision that needs it must be refused."""

    def __init__(self, key: str, day: date, division: str, ended_on: date | None) -> None:
        super().__init__(f"no value of {key} is in force on {day} in {division or 'the nation'}")
        self.key, self.day, self.division, self.ended_on = key, day, division, ended_on


class ParameterBook:
    """All values known at one moment. Reading it is pure: the same book gives the same answers for ever."""

    def __init__(self, values: Iterable[ParameterValue], version: int = 0) -> None:
        self.version = version
        self._values: dict[str, list[ParameterValue]] = defaultdict(list)
        for value in values:
            self._values[value.key].append(value)

    def __iter__(self) -> Iterator[ParameterValue]:
        return (value for values in self._values.values() for value in values)

    def find(self, key: str, day: date, division: Division | str) -> ParameterValue:
        """The nearest value in force: the caller's own division first, then each one above it.

        An expired value of a nearer division hides those above it unless it says `falls_back`. Where two values of
        one division overlap, the one that begins later holds. Raises ParameterMissing.
        """
        code = str(division)
        known = self._values.get(key, [])
        ended: date | None = None
        for length in (12, 9, 6, 4, 2, 0):
            if length > len(code):
                continue
            here = [value for value in known if value.division == code[:length]]
            in_force = [value for value in here if value.in_force(day)]
            if in_force:
                return max(in_force, key=lambda value: value.valid_from)
            past = [value for value in here if value.valid_to is not None and value.valid_to < day]
            if past:
                last = max(past, key=lambda value: value.valid_from)
                ended = ended or last.valid_to
                if not last.falls_back:
                    break
        raise ParameterMissing(key, day, code, ended)

    def all_in_force(self, key: str, day: date, division: Division | str) -> list[ParameterValue]:
        """Every value of the division and of those above it, for keys of which all must hold (nearest first)."""
        code = str(division)
        reaching = [value for value in self._values.get(key, []) if code.startswith(value.division)]
        found = [value for value in reaching if value.in_force(day)]
        if not found:
            ends = (value.valid_to for value in reaching)
            ended = max((end for end in ends if end is not None and end < day), default=None)
            raise ParameterMissing(key, day, code, ended)
        return sorted(found, key=lambda value: (-len(value.division), value.valid_from))

    def replaced(self, changes: Iterable[ParameterValue]) -> "ParameterBook":
        """A book for a what-if question: each change stands in for every value of its key and division."""
        changes = list(changes)
        hidden = {(change.key, change.division) for change in changes}
        kept = [value for value in self if (value.key, value.division) not in hidden]
        return ParameterBook([*kept, *changes], self.version)

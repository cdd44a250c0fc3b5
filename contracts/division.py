"""Administrative divisions: a code and its level (GB/T 2260 and the statistical 12-digit structure).

The code is kept at the length of its level: 2 province, 4 city, 6 county (banner), 9 town, 12 village or community.
The subtree of a division is therefore the prefix of its code. It is never found by stripping zeros: that way town
150623100 would see its neighbour 150623101.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


LENGTHS = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWN: 9, Level.VILLAGE: 12}
_LEVELS = {length: level for level, length in LENGTHS.items()}

VILLAGE_CODE = r"^\d{12}$"
DIVISION_CODE = r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$"


@dataclass(frozen=True, order=True, slots=True)
class Division:
    code: str

    def __post_init__(self) -> None:
        if len(self.code) not in _LEVELS or not (self.code.isascii() and self.code.isdigit()):
            raise ValueError("a division code has 2, 4, 6, 9 or 12 digits")

    @classmethod
    def parse(cls, code: str, level: Level | None = None) -> Self:
        """A division from its short code, or from a 12-digit code padded with zeros and its level.

        Raises ValueError when the code is shorter than its level, or longer and the rest is not all zeros.
        """
        if level is None:
            return cls(code)
        length = LENGTHS[level]
        if not length <= len(code) <= 12 or set(code[length:]) - {"0"}:
            raise ValueError("the code does not fit its level")
        return cls(code[:length])

    @property
    def level(self) -> Level:
        return _LEVELS[len(self.code)]

    def contains(self, other: "Division | str") -> bool:
        """Whether the other division is this one or lies below it."""
        return (other if isinstance(other, str) else other.code).startswith(self.code)

    def at(self, level: Level) -> "Division":
        """The division of a higher level in which this one lies; raises ValueError for a lower level."""
        length = LENGTHS[level]
        if length > len(self.code):
            raise ValueError("a division has no single part of a lower level")
        return Division(self.code[:length])

    def __str__(self) -> str:
        return self.code

"""Calendar months of policy, and the only place where months are counted.

Identification and elimination are dated by month (YYYYMM in the national system). Instants become policy days
and months in Asia/Shanghai, never in UTC.
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

SHANGHAI = ZoneInfo("Asia/Shanghai")


def policy_day(instant: datetime) -> date:
    """The policy day on which an aware instant falls, in Asia/Shanghai."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(SHANGHAI).date()


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month such as 2024-03; ordered, and written `YYYY-MM`."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1900 <= self.year <= 9999):
            raise ValueError("a month is a year from 1900 and a number from 1 to 12")

    @classmethod
    def of(cls, day: date) -> Self:
        """The month in which a policy day lies; for an instant ask `policy_day` first."""
        if isinstance(day, datetime):
            raise TypeError("an instant has no month before it has a policy day")
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY-MM` or the national system's `YYYYMM`; raises ValueError for anything else."""
        digits = text.replace("-", "", 1) if len(text) == 7 and text[4] == "-" else text
        if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
            raise ValueError("a month is written YYYY-MM or YYYYMM")
        return cls(int(digits[:4]), int(digits[4:]))

    def plus(self, months: int) -> Self:
        """The month so many months later (earlier when negative)."""
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return type(self)(year, index + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def compact(self) -> str:
        """The national system's form, YYYYMM."""
        return f"{self.year:04d}{self.number:02d}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.no_info_after_validator_function(
            cls.parse, core_schema.str_schema(pattern=r"^\d{4}-?(0[1-9]|1[0-2])$")
        )
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), text]),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$", "examples": ["2024-03"]}


def months_between(earlier: Month, later: Month) -> int:
    """Whole months from one to the other: 0 within one month, negative when `later` comes first."""
    return (later.year - earlier.year) * 12 + (later.number - earlier.number)


def school_year(day: date) -> int:
    """The school year of a day, named by the calendar year in which it begins on 1 September."""
    return day.year if day.month >= 9 else day.year - 1

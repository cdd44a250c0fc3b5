"""Working days of the State Council's yearly holiday notice, through the chinesecalendar library.

The library knows the years that were announced. Beyond them days are counted by weekday and marked provisional, so
that a deadline is never an error and can be counted again once the calendar is updated.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """Whether a day is worked, and whether only the weekday says so."""

    worked: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class DueDay:
    """The last day of a limit; provisional when it was counted beyond the announced calendar."""

    day: date
    provisional: bool


def working_day(day: date) -> WorkingDay:
    try:
        return WorkingDay(bool(chinese_calendar.is_workday(day)), provisional=False)
    except NotImplementedError:
        return WorkingDay(day.weekday() < 5, provisional=True)


def after_working_days(start: date, count: int) -> DueDay:
    """The day on which `count` working days have passed, counted from the day after `start`."""
    day, left, provisional = start, count, False
    while left > 0:
        day += timedelta(days=1)
        seen = working_day(day)
        provisional = provisional or seen.provisional
        left -= seen.worked
    return DueDay(day, provisional)


def after_days(start: date, count: int) -> DueDay:
    """The day on which `count` calendar days have passed, counted from the day after `start`."""
    return DueDay(start + timedelta(days=count), provisional=False)

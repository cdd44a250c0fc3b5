"""The period that a rule judges, and the day on which it judges it.

One flag stands for one household, rule and period: a month, a calendar year, a school year, or a single incident.
"""

from dataclasses import dataclass
from datetime import date

from contracts.month import Month, school_year


@dataclass(frozen=True, slots=True)
class Period:
    """`text` is how it is written on flags: `2024` (a calendar year or the school year
    that begins in it), `2024-03`, or the single event's own number."""

    text: str
    first_on: date
    last_on: date


def calendar_year(day: date) -> Period:
    return Period(f"{day.year:04d}", date(day.year, 1, 1), date(day.year, 12, 31))


def calendar_month(day: date) -> Period:
    month = Month.of(day)
    return Period(str(month), month.first_day, month.last_day)


def school_year_of(day: date) -> Period:
    """From 1 September to 31 August, named by the year in which it begins."""
    year = school_year(day)
    return Period(f"{year:04d}", date(year, 9, 1), date(year + 1, 8, 31))


def single_event(number: str, day: date) -> Period:
    return Period(number, day, day)


def judged_day(period: Period, *, last_evidence_on: date, known_to: date) -> date:
    """The end of the period once the evidence reaches it; while it runs, the day of the last evidence in it."""
    if known_to >= period.last_on:
        return period.last_on
    return min(max(last_evidence_on, period.first_on), period.last_on)

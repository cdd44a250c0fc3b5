"""Ages of people of whom only the month of birth is known: a birthday counts from the end of its month."""

from datetime import date

from contracts.month import Month


def has_reached(born: Month, years: int, day: date) -> bool:
    """Whether everybody born in that month has had this birthday by the end of the day."""
    birthday = born.plus(years * 12)
    return day >= birthday.last_day


def has_passed(born: Month, years: int, day: date) -> bool:
    """Whether the person is older than so many years: the next birthday has come."""
    return has_reached(born, years + 1, day)

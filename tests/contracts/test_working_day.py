"""Working days follow the yearly notice as far as it goes, and never end in an error."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.working_day import WorkingDay, after_days, after_working_days, working_day

LAST_ANNOUNCED = 2026
"""The last year of the calendar library that requirements.lock pins; a newer library turns a test red here."""
DAYS = st.dates(date(2019, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 9, 29), True),  # A Sunday that is worked before the holiday.
        (date(2024, 9, 30), True),
        (date(2024, 10, 1), False),
        (date(2024, 10, 7), False),
        (date(2024, 10, 8), True),
        (date(2024, 10, 12), True),  # A Saturday that is worked after the holiday.
        (date(2024, 10, 13), False),
    ],
)
def test_national_day_2024_as_announced(day: date, worked: bool) -> None:
    assert working_day(day) == WorkingDay(worked, provisional=False)


@pytest.mark.parametrize(
    ("count", "due"),
    [
        (0, date(2024, 9, 27)),
        (1, date(2024, 9, 29)),
        (2, date(2024, 9, 30)),
        (3, date(2024, 10, 8)),
        (6, date(2024, 10, 11)),
        (7, date(2024, 10, 12)),
        (8, date(2024, 10, 14)),
    ],
)
def test_a_limit_over_national_day_2024_counts_from_the_day_after(count: int, due: date) -> None:
    limit = after_working_days(date(2024, 9, 27), count)
    assert (limit.day, limit.provisional) == (due, False)


def test_the_last_announced_year_is_certain_and_the_next_one_provisional() -> None:
    assert not working_day(date(LAST_ANNOUNCED, 12, 31)).provisional
    assert working_day(date(LAST_ANNOUNCED + 1, 1, 1)).provisional


def test_a_limit_that_runs_into_an_unannounced_year_is_provisional() -> None:
    last_day = date(LAST_ANNOUNCED, 12, 31)
    assert not after_working_days(last_day - timedelta(days=1), 1).provisional
    assert after_working_days(last_day, 1).provisional


@pytest.mark.parametrize(
    ("day", "worked"),
    [(date(2035, 10, 1), True), (date(2035, 10, 5), True), (date(2035, 10, 6), False), (date(2035, 10, 7), False)],
)
def test_beyond_the_calendar_only_the_weekday_counts(day: date, worked: bool) -> None:
    assert working_day(day) == WorkingDay(worked, provisional=True)


@given(DAYS, st.integers(1, 60))
def test_a_due_day_is_worked_and_has_so_many_working_days_behind_it(start: date, count: int) -> None:
    due = after_working_days(start, count)
    passed = [start + timedelta(days=n) for n in range(1, (due.day - start).days + 1)]
    assert working_day(due.day).worked
    assert sum(working_day(day).worked for day in passed) == count
    assert due.provisional == any(working_day(day).provisional for day in passed)


@given(DAYS, st.integers(0, 60))
def test_one_more_working_day_is_never_earlier(start: date, count: int) -> None:
    assert after_working_days(start, count).day < after_working_days(start, count + 1).day


def test_calendar_days_run_through_holidays_and_a_leap_day() -> None:
    assert after_days(date(2024, 9, 30), 5).day == date(2024, 10, 5)
    assert after_days(date(2024, 2, 28), 1).day == date(2024, 2, 29)
    assert not after_days(date(2035, 1, 1), 5).provisional

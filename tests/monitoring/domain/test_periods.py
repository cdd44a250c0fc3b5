"""The day that a rule judges: the end of its period, or the last evidence while the period runs."""

from datetime import date

import pytest

from services.monitoring.domain.periods import calendar_month, calendar_year, judged_day, school_year_of, single_event


def test_a_period_that_the_evidence_has_reached_the_end_of_is_judged_at_its_end() -> None:
    year = calendar_year(date(2023, 8, 9))
    for known_to in (date(2023, 12, 31), date(2024, 1, 31)):
        assert judged_day(year, last_evidence_on=date(2023, 11, 3), known_to=known_to) == date(2023, 12, 31)


def test_a_running_period_is_judged_on_the_day_of_its_last_evidence() -> None:
    year = calendar_year(date(2023, 8, 9))
    assert judged_day(year, last_evidence_on=date(2023, 11, 3), known_to=date(2023, 12, 30)) == date(2023, 11, 3)


def test_a_single_event_is_judged_on_its_day() -> None:
    day = date(2024, 2, 29)
    assert judged_day(single_event("D-1", day), last_evidence_on=day, known_to=date(2024, 5, 1)) == day


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2024, 8, 31), date(2023, 9, 1), date(2024, 8, 31)),
        (date(2024, 9, 1), date(2024, 9, 1), date(2025, 8, 31)),
    ],
)
def test_a_school_year_runs_from_the_first_of_september(day: date, first: date, last: date) -> None:
    period = school_year_of(day)
    assert (period.first_on, period.last_on) == (first, last)


def test_a_month_ends_on_its_last_day() -> None:
    assert calendar_month(date(2024, 2, 1)).last_on == date(2024, 2, 29)

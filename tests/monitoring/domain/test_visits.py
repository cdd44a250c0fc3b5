"""The cycle of visits: in time on the due day, overdue the day after (M-1.1.1)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.domain.errors import InvalidVisit
from services.monitoring.domain.ids import HouseholdId, VisitId
from services.monitoring.domain.visits import Visit, check_visit, cycle_key, overdue_since, visit_due_on, visit_recorded
from tests.builders import VILLAGE, a_book

REGISTERED = date(2023, 1, 10)


def test_a_visit_is_in_time_on_the_due_day_and_overdue_the_day_after() -> None:
    last = date(2023, 8, 15)
    assert overdue_since(last, REGISTERED, 6, date(2024, 2, 15)) is None
    assert overdue_since(last, REGISTERED, 6, date(2024, 2, 16)) == date(2024, 2, 16)
    assert overdue_since(last, REGISTERED, 6, date(2024, 12, 31)) == date(2024, 2, 16)


def test_before_the_first_visit_the_cycle_runs_from_registration() -> None:
    assert overdue_since(None, REGISTERED, 1, date(2023, 2, 10)) is None
    assert overdue_since(None, REGISTERED, 1, date(2023, 2, 11)) == date(2023, 2, 11)


def test_a_visit_before_registration_does_not_shorten_the_first_cycle() -> None:
    assert visit_due_on(date(2022, 1, 1), REGISTERED, 1) == date(2023, 2, 10)


@pytest.mark.parametrize(
    ("last", "months", "due"),
    [
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2022, 8, 31), 6, date(2023, 2, 28)),
        (date(2023, 12, 31), 1, date(2024, 1, 31)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
    ],
)
def test_a_day_that_the_month_does_not_have_is_its_last_one(last: date, months: int, due: date) -> None:
    assert visit_due_on(last, date(2020, 1, 1), months) == due


@given(st.dates(date(2021, 1, 1), date(2025, 12, 31)), st.integers(1, 24), st.integers(0, 800))
def test_a_visit_on_any_day_in_time_is_never_overdue_before_a_whole_cycle(last: date, months: int, later: int) -> None:
    due = visit_due_on(last, date(2021, 1, 1), months)
    assert (due.year * 12 + due.month) - (last.year * 12 + last.month) == months
    day = date.fromordinal(last.toordinal() + later)
    assert (overdue_since(last, date(2021, 1, 1), months, day) is None) == (day <= due)


def test_monitored_households_have_a_cycle_of_their_own() -> None:
    day = date(2024, 3, 1)
    cycles = [a_book().find(cycle_key(monitored=monitored), day, VILLAGE).whole for monitored in (True, False)]
    assert cycles == [1, 6]


def a_visit(**given: object) -> Visit:
    fields = {
        "id": VisitId("v1"),
        "household_id": HouseholdId("h1"),
        "division": VILLAGE,
        "visitor_sub": "cadre-77",
        "visited_on": date(2024, 3, 1),
        "recorded_on": date(2024, 3, 1),
        "purpose": "routine",
        "findings": "屋顶漏雨",
        **given,
    }
    return Visit(**fields)  # type: ignore[arg-type]


def test_a_visit_may_be_recorded_later_but_not_before_it_took_place() -> None:
    check_visit(a_visit())
    check_visit(a_visit(recorded_on=date(2024, 3, 9)))
    with pytest.raises(InvalidVisit):
        check_visit(a_visit(recorded_on=date(2024, 2, 29)))
    with pytest.raises(InvalidVisit):
        check_visit(a_visit(purpose="tea"))


def test_what_was_found_and_who_came_is_not_told() -> None:
    written = visit_recorded(a_visit()).data.model_dump_json()
    assert "屋顶" not in written + repr(a_visit())
    assert "cadre-77" not in written

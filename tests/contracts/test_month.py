"""Months are counted in one place, and every boundary on which real checkers fail is tried here."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from contracts.month import Month, months_between, policy_day, school_year

MONTHS = st.builds(Month, st.integers(2000, 2100), st.integers(1, 12))
SHIFTS = st.integers(-1000, 1000)


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("2024-03", "2024-03", 0),
        ("2024-03", "2024-04", 1),
        ("2023-12", "2024-01", 1),
        ("2023-09", "2024-03", 6),
        ("2023-10", "2024-03", 5),
        ("2022-04", "2023-02", 10),
        ("2024-04", "2024-03", -1),
    ],
)
def test_months_are_counted_from_the_earlier_to_the_later(earlier: str, later: str, expected: int) -> None:
    assert months_between(Month.parse(earlier), Month.parse(later)) == expected


@given(MONTHS, MONTHS)
def test_the_way_back_is_as_long_and_negative(a: Month, b: Month) -> None:
    assert months_between(a, b) == -months_between(b, a)


@given(MONTHS, SHIFTS)
def test_a_month_moved_by_n_lies_n_months_away(month: Month, shift: int) -> None:
    moved = month.plus(shift)
    assert months_between(month, moved) == shift
    assert moved.plus(-shift) == month


@given(MONTHS, MONTHS)
def test_months_are_ordered_as_they_are_counted(a: Month, b: Month) -> None:
    assert (a < b) == (months_between(a, b) > 0)


@given(MONTHS)
def test_a_month_reads_back_in_both_forms(month: Month) -> None:
    assert Month.parse(str(month)) == month == Month.parse(month.compact)


def test_a_month_is_written_in_the_form_of_the_national_system() -> None:
    assert (str(Month(2024, 3)), Month(2024, 3).compact) == ("2024-03", "202403")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "2024-3",
        "20243",
        "2024-13",
        "2024-00",
        "2024/03",
        "2024--3",
        "202-403",
        "２０２４０３",
        "2024-03-01",
    ],
)
def test_anything_else_is_not_a_month(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


@pytest.mark.parametrize(("year", "last"), [(2023, 28), (2024, 29), (2100, 28)])
def test_february_ends_with_its_last_day(year: int, last: int) -> None:
    assert Month(year, 2).first_day == date(year, 2, 1)
    assert Month(year, 2).last_day == date(year, 2, last)


def test_the_policy_day_begins_at_midnight_in_shanghai() -> None:
    assert policy_day(datetime(2024, 2, 29, 15, 59, 59, tzinfo=UTC)) == date(2024, 2, 29)
    assert policy_day(datetime(2024, 2, 29, 16, 0, 0, tzinfo=UTC)) == date(2024, 3, 1)


def test_an_instant_without_a_zone_has_no_policy_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        policy_day(datetime(2024, 2, 29, 16, 0, 0))  # noqa: DTZ001


def test_an_instant_has_no_month_of_its_own() -> None:
    with pytest.raises(TypeError):
        Month.of(datetime(2024, 2, 29, 16, 0, 0, tzinfo=UTC))
    assert Month.of(date(2024, 2, 29)) == Month(2024, 2)


@pytest.mark.parametrize(("year", "number"), [(2024, 0), (2024, 13), (1899, 12), (10000, 1)])
def test_a_month_outside_of_the_calendar_cannot_be_built(year: int, number: int) -> None:
    with pytest.raises(ValueError, match="month"):
        Month(year, number)


def test_the_school_year_begins_on_the_first_of_september() -> None:
    assert school_year(date(2024, 8, 31)) == 2023
    assert school_year(date(2024, 9, 1)) == 2024


class Body(BaseModel):
    month: Month


def test_a_body_reads_both_forms_and_writes_one() -> None:
    assert Body.model_validate_json('{"month": "202403"}').model_dump_json() == '{"month":"2024-03"}'
    assert Body(month=Month(2024, 3)).month == Month(2024, 3)


@pytest.mark.parametrize("text", ['"2024-13"', '"２０２４-03"', "202403", "null"])
def test_a_body_refuses_what_is_not_a_month(text: str) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate_json(f'{{"month": {text}}}')

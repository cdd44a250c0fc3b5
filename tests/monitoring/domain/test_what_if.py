"""What-if: which values may be asked for, which evidence lies in a day's windows, what counts as a difference."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.parameters import ParameterMissing
from services.monitoring.domain.bounds import Bounds, Line, Operator
from services.monitoring.domain.screening import RULES
from services.monitoring.domain.what_if import change_errors, differences, either, in_window, refuse_unless_in_force
from services.monitoring.domain.what_if import replaced as replaced_book
from tests.builders import VILLAGE, a_book

TUITION = "monitoring.screening.tuition.school-year"
GRADES = "monitoring.screening.housing.unsafe-grades"


@pytest.mark.parametrize(
    ("key", "value", "code", "pointer"),
    [
        ("monitoring.income-line", "1", "unknown-parameter", "/parameters/0/key"),
        ("nothing", "1", "unknown-parameter", "/parameters/0/key"),
        (TUITION, "much", "parameter-value", "/parameters/0/value"),
        (TUITION, "-0.01", "parameter-value", "/parameters/0/value"),
        (TUITION, "NaN", "parameter-value", "/parameters/0/value"),
        (TUITION, True, "parameter-value", "/parameters/0/value"),
        (TUITION, ["1"], "parameter-value", "/parameters/0/value"),
        (GRADES, "C", "parameter-value", "/parameters/0/value"),
        (GRADES, ["C", 4], "parameter-value", "/parameters/0/value"),
    ],
)
def test_what_cannot_be_asked_is_named_by_its_place(key: str, value: Any, code: str, pointer: str) -> None:
    (found,) = change_errors([(key, value)])
    assert (found.code, found.pointer) == (code, pointer)


def test_what_can_be_asked() -> None:
    assert change_errors([(TUITION, "0"), (GRADES, []), ("monitoring.screening.water.litres-per-day", 40)]) == []
    (twice,) = change_errors([(TUITION, "1"), (TUITION, "2")])
    assert (twice.code, twice.pointer) == ("parameter-twice", "/parameters/1/key")


def test_a_changed_value_holds_in_its_division_and_on_every_day() -> None:
    book = replaced_book(a_book(), [(TUITION, "8000.00")], "150623100")
    assert book.find(TUITION, date(2030, 1, 1), VILLAGE).decimal == Decimal(8000)
    assert book.find(TUITION, date(2024, 1, 1), "150623101").decimal == Decimal(10000)


def test_a_day_without_parameters_is_refused() -> None:
    refuse_unless_in_force(a_book(), date(2025, 12, 31), VILLAGE)
    with pytest.raises(ParameterMissing):
        refuse_unless_in_force(a_book(), date(2026, 1, 1), VILLAGE)


@pytest.mark.parametrize(
    ("rule", "evidence_on", "day", "inside"),
    [
        ("medical-outpatient", date(2024, 3, 1), date(2024, 3, 31), True),
        ("medical-outpatient", date(2024, 3, 31), date(2024, 3, 1), True),
        ("medical-outpatient", date(2024, 3, 31), date(2024, 4, 1), False),
        ("tuition", date(2023, 9, 1), date(2024, 8, 31), True),
        ("tuition", date(2023, 8, 31), date(2024, 8, 31), False),
        ("housing", date(2023, 5, 1), date(2024, 4, 12), True),
        ("housing", date(2023, 4, 30), date(2024, 4, 12), False),
        ("housing", date(2024, 4, 12), date(2024, 4, 12), True),
        ("housing", date(2024, 4, 13), date(2024, 4, 12), False),
    ],
)
def test_the_window_of_a_day(rule: str, evidence_on: date, day: date, inside: bool) -> None:
    period = RULES[rule].period_of(evidence_on, "H-1")
    assert in_window(RULES[rule], period, evidence_on, day) is inside


def test_bounds_of_two_sides_let_through_what_either_does() -> None:
    strict, loose = (Bounds("tuition", (Line("amount", Operator.ABOVE, Decimal(line)),)) for line in (9, 5))
    assert either(strict, loose).admits({"amount": Decimal(6)})
    assert either(strict, Bounds("tuition", ())).admits({"amount": Decimal(0)})


def test_only_what_one_side_flags_is_a_difference() -> None:
    assert differences({"a": 1, "b": 2}, {"b": 3, "c": 4}) == [("flagged", 4), ("no-longer-flagged", 1)]

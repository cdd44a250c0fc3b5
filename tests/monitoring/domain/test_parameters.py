"""The seeded values: dated, sourced, marked as samples where nobody published them, and over at the end of 2025."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.clauses import clause
from contracts.parameter_seed import _value
from contracts.parameters import ParameterBook, ParameterMissing
from services.monitoring.domain.parameters import load_seed
from tests.builders import VILLAGE, a_book

LAST_DAY = date(2025, 12, 31)


def test_every_value_has_source_unit_and_a_clause_of_the_register() -> None:
    for value in load_seed():
        assert value.source
        assert value.unit
        assert clause(value.clause).id == value.clause
        assert value.key.startswith("monitoring.")


def test_no_value_outlives_the_transition_period() -> None:
    assert {value.valid_to for value in load_seed() if value.key != "monitoring.income-line"} == {LAST_DAY}
    assert max(value.valid_to or date.max for value in load_seed()) == LAST_DAY


@pytest.mark.parametrize(
    ("year", "line"), [(2021, "6000"), (2022, "6500"), (2023, "7000"), (2024, "7500"), (2025, "8000")]
)
def test_each_year_has_its_own_income_line_and_each_is_a_sample(year: int, line: str) -> None:
    for day in (date(year, 1, 1), date(year, 12, 31)):
        value = a_book().find("monitoring.income-line", day, VILLAGE)
        assert value.decimal == Decimal(line)
        assert value.sample


SEEDED = {
    "monitoring.visits.cycle-months.monitored": 1,
    "monitoring.visits.cycle-months.registered": 6,
    "monitoring.flags.answer-days": 15,
    "monitoring.village-team.vacancy-days": 30,
    "monitoring.village-team.attendance-days": 20,
    "monitoring.elimination.min-income-stable-months": 6,
    "monitoring.elimination.same-month-forbidden": True,
    "monitoring.elimination.indicators-required": 4,
    "monitoring.elimination.hold-if-whole-household-no-labour": True,
    "monitoring.post-elimination.keep-classes": ["unstable-relieved"],
    "monitoring.screening.incident.kinds": ["natural-disaster", "accident", "public-health", "public-safety", "fire"],
}
"""Written a second time by hand, for what no rule of this slice reads yet."""


@pytest.mark.parametrize(("key", "value"), SEEDED.items())
def test_the_plans_constants_and_cycles_are_seeded(key: str, value: object) -> None:
    assert a_book().find(key, date(2023, 8, 1), VILLAGE).value == value


def test_outside_of_inner_mongolia_there_is_no_income_line() -> None:
    with pytest.raises(ParameterMissing):
        a_book().find("monitoring.income-line", date(2023, 8, 1), "640000"[:2])


def test_the_line_of_2026_is_missing_and_the_refusal_says_since_when() -> None:
    with pytest.raises(ParameterMissing) as caught:
        a_book().find("monitoring.income-line", date(2026, 1, 1), VILLAGE)
    assert caught.value.ended_on == LAST_DAY


def test_values_of_one_region_or_of_no_source_are_marked_as_samples() -> None:
    for value in load_seed():
        if "one county" in value.source or "sample" in value.source:
            assert value.sample, value.key


def test_no_two_values_of_a_key_overlap_in_a_division() -> None:
    values = load_seed()
    for one in values:
        same = [other for other in values if (other.key, other.division) == (one.key, one.division)]
        assert sum(other.in_force(one.valid_from) for other in same) == 1


def test_amounts_are_exact_and_never_floats() -> None:
    assert not any(isinstance(value.value, float) for value in load_seed())


@pytest.mark.parametrize("change", [{"colour": "red"}, {"division": "15062"}, {"valid_from": "soon"}, {"source": ""}])
def test_a_broken_seed_is_refused(change: dict[str, object]) -> None:
    entry = {
        "key": "monitoring.test",
        "value": 1,
        "unit": "one",
        "valid_from": date(2021, 1, 1),
        "valid_to": None,
        "division": "",
        "source": "a test",
        "clause": "M-1.1.2",
    }
    assert ParameterBook([_value(entry)]).find("monitoring.test", date(2021, 1, 1), VILLAGE).whole == 1
    with pytest.raises(ValueError, match=r".+"):
        _value(entry | change)

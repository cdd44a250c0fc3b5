"""Income entries: unique by whom, kind, period and source; zero is known; a correction keeps what stood."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from contracts.month import Month
from services.monitoring.domain.errors import InvalidIncome
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.income import (
    IncomeEntry,
    IncomeKey,
    IncomeKind,
    amount_as_recorded_on,
    known_amount,
    recorded,
    year_of,
)

FIRST, SECOND = date(2024, 1, 5), date(2024, 2, 6)
WAGE = year_of(HouseholdId("h1"), IncomeKind.WAGE, 2023, "national-system")
NET = year_of(HouseholdId("h1"), IncomeKind.PER_CAPITA_NET, 2023, "national-system")


def entry(amount: str, key: IncomeKey = WAGE, on: date = FIRST) -> IncomeEntry:
    return IncomeEntry(key=key, amount=Decimal(amount), recorded_on=on)


def test_an_explicit_zero_is_known_and_what_was_not_reported_is_not() -> None:
    entries = recorded((), entry("0"))
    assert known_amount(entries, WAGE) == 0
    assert known_amount(entries, NET) is None


def test_a_correction_replaces_and_keeps_what_stood_before() -> None:
    entries = recorded(recorded((), entry("12000.00")), entry("13000.00", on=SECOND))
    assert known_amount(entries, WAGE) == Decimal(13000)
    assert [one.stands for one in entries] == [False, True]
    assert amount_as_recorded_on(entries, WAGE, date(2024, 2, 5)) == Decimal(12000)
    assert amount_as_recorded_on(entries, WAGE, SECOND) == Decimal(13000)
    assert amount_as_recorded_on(entries, WAGE, date(2024, 1, 4)) is None


def test_the_same_amount_again_changes_nothing() -> None:
    entries = recorded((), entry("12000.00"))
    assert recorded(entries, entry("12000.0", on=SECOND)) == entries


@pytest.mark.parametrize(
    "other",
    [
        year_of(HouseholdId("h2"), IncomeKind.WAGE, 2023, "national-system"),
        year_of(HouseholdId("h1"), IncomeKind.WAGE, 2023, "national-system", MemberId("m1")),
        year_of(HouseholdId("h1"), IncomeKind.TRANSFER, 2023, "national-system"),
        year_of(HouseholdId("h1"), IncomeKind.WAGE, 2022, "national-system"),
        year_of(HouseholdId("h1"), IncomeKind.WAGE, 2023, "survey"),
    ],
)
def test_another_household_person_kind_period_or_source_is_another_entry(other: IncomeKey) -> None:
    entries = recorded(recorded((), entry("1")), entry("2", other))
    assert [one.stands for one in entries] == [True, True]


def test_a_yearly_entry_covers_its_twelve_months() -> None:
    assert (WAGE.first, WAGE.last) == (Month(2023, 1), Month(2023, 12))


def test_only_per_capita_net_income_may_be_negative_and_it_belongs_to_a_household() -> None:
    assert known_amount(recorded((), entry("-0.01", NET)), NET) == Decimal("-0.01")
    for kind in set(IncomeKind) - {IncomeKind.PER_CAPITA_NET}:
        with pytest.raises(InvalidIncome):
            recorded((), entry("-0.01", year_of(HouseholdId("h1"), kind, 2023, "survey")))
    with pytest.raises(InvalidIncome):
        recorded(
            (),
            entry("1", year_of(HouseholdId("h1"), IncomeKind.PER_CAPITA_NET, 2023, "survey", MemberId("m1"))),
        )


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity"])
def test_an_amount_is_a_number_with_two_places(amount: str) -> None:
    with pytest.raises(InvalidIncome):
        recorded((), entry(amount))


def test_a_single_month_is_a_period() -> None:
    month = Month(2023, 3)
    sale = replace(WAGE, kind=IncomeKind.PRODUCTION, first=month, last=month)
    assert known_amount(recorded((), entry("31000.50", sale)), sale) == Decimal("31000.50")


def test_a_period_does_not_end_before_it_begins_and_a_source_has_a_name() -> None:
    backwards = IncomeKey(
        household_id=HouseholdId("h1"),
        member_id=None,
        kind=IncomeKind.WAGE,
        first=Month(2023, 2),
        last=Month(2023, 1),
        source="survey",
    )
    with pytest.raises(InvalidIncome):
        recorded((), entry("1", backwards))
    with pytest.raises(InvalidIncome):
        recorded((), entry("1", year_of(HouseholdId("h1"), IncomeKind.WAGE, 2023, " ")))


def test_an_amount_does_not_show_in_a_representation() -> None:
    assert "12345" not in repr(entry("12345.00"))

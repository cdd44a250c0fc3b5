"""Conditions of a microloan on their boundaries, and interest and subsidy to the fen."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.clauses import clause
from contracts.decision import Answer
from contracts.month import Month
from contracts.parameters import ParameterBook, ParameterMissing
from services.employment.domain.interest import Accrual, interest_of, subsidy_lines
from services.employment.domain.microloan import (
    Borrower,
    Wanted,
    extension_findings,
    loan_findings,
    renewal_finding,
)
from services.employment.domain.parameters import load_seed

BOOK = ParameterBook(load_seed())
DAY, TOWN = date(2024, 3, 12), "150623100"
ABLE = Borrower(birth_month=Month(1980, 5), household_type="relieved", monitored=False, running_loans=0)
LOAN = Wanted(amount=Decimal("50000.00"), months=12, purpose="livestock", rate=Decimal("0.0345"))


def answers(borrower: Borrower = ABLE, wanted: Wanted = LOAN, day: date = DAY) -> dict[str, Answer]:
    return {one.code: one.answer for one in loan_findings(borrower, wanted, book=BOOK, day=day, division=TOWN)}


def test_every_seeded_value_has_source_unit_and_clause_of_the_register() -> None:
    for value in load_seed():
        assert value.source
        assert value.unit
        assert clause(value.clause).id == value.clause
        assert value.key.startswith("employment.")
        assert value.valid_to is not None, "what holds after the transition period is loaded, never assumed"


def test_a_loan_on_every_line_is_granted() -> None:
    assert set(answers().values()) == {Answer.YES}
    assert set(answers(wanted=replace(LOAN, months=36, rate=Decimal("0.0395"))).values()) == {Answer.YES}
    assert set(answers(wanted=replace(LOAN, amount=Decimal(100_000), topped_up=True)).values()) == {Answer.YES}


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("amount", replace(LOAN, amount=Decimal("50000.01"))),
        ("amount", replace(LOAN, amount=Decimal("100000.01"), topped_up=True)),
        ("amount", replace(LOAN, amount=Decimal(0))),
        ("term", replace(LOAN, months=37, rate=Decimal("0.0395"))),
        ("term", replace(LOAN, months=0)),
        ("purpose", replace(LOAN, purpose="wedding")),
        ("rate", replace(LOAN, rate=Decimal("0.0346"))),
        ("rate", replace(LOAN, months=13, rate=Decimal("0.0396"))),
    ],
)
def test_one_unit_over_a_line_is_a_no(code: str, wanted: Wanted) -> None:
    found = answers(wanted=wanted)
    assert found[code] is Answer.NO
    assert set(found.values()) == {Answer.YES, Answer.NO}
    assert sum(answer is Answer.NO for answer in found.values()) == 1


@pytest.mark.parametrize(
    ("code", "borrower", "answer"),
    [
        ("household", replace(ABLE, household_type="ordinary"), Answer.NO),
        ("household", replace(ABLE, household_type="ordinary", monitored=True), Answer.YES),
        ("one-per-household", replace(ABLE, running_loans=1), Answer.NO),
        ("age", replace(ABLE, birth_month=None), Answer.UNKNOWN),
    ],
)
def test_who_may_borrow(code: str, borrower: Borrower, answer: Answer) -> None:
    assert answers(borrower)[code] is answer


@pytest.mark.parametrize(
    ("born", "day", "answer"),
    [
        (Month(2006, 3), date(2024, 3, 30), Answer.NO),
        (Month(2006, 3), date(2024, 3, 31), Answer.YES),
        (Month(2006, 4), date(2024, 3, 31), Answer.NO),
        (Month(1958, 3), date(2024, 3, 30), Answer.YES),
        (Month(1958, 3), date(2024, 3, 31), Answer.NO),
        (Month(1958, 2), date(2024, 3, 1), Answer.NO),
    ],
)
def test_an_age_is_counted_to_the_end_of_the_birth_month(born: Month, day: date, answer: Answer) -> None:
    assert answers(replace(ABLE, birth_month=born), day=day)["age"] is answer


def test_a_loan_is_renewed_once_and_extended_once_by_a_year() -> None:
    assert [renewal_finding(n, book=BOOK, day=DAY, division=TOWN).answer for n in (0, 1)] == [Answer.YES, Answer.NO]

    def extended(times: int, months: int) -> list[Answer]:
        return [one.answer for one in extension_findings(times, months, book=BOOK, day=DAY, division=TOWN)]

    assert extended(0, 12) == [Answer.YES, Answer.YES]
    assert extended(1, 12) == [Answer.NO, Answer.YES]
    assert extended(0, 13) == [Answer.YES, Answer.NO]
    assert extended(0, 0) == [Answer.YES, Answer.NO]


def a_year(principal: str = "50000.00", from_on: date = date(2023, 9, 1), until_on: date = date(2024, 9, 1)) -> Accrual:
    return Accrual(principal=Decimal(principal), rate=Decimal("0.0345"), from_on=from_on, until_on=until_on)


def test_interest_counts_the_first_day_and_not_the_last() -> None:
    # 50,000 × 3.45 % × 1 / 360 = 4.7916… yuan a day.
    assert interest_of(a_year(until_on=date(2023, 9, 2)), 360) == Decimal("4.79")
    assert interest_of(a_year(until_on=date(2023, 9, 1)), 360) == 0
    assert interest_of(a_year(), 360) == Decimal("1753.75")  # 366 days: 2024 is a leap year
    assert interest_of(a_year(), 365) == Decimal("1729.73")


def test_half_a_fen_goes_up() -> None:
    half = Accrual(principal=Decimal("18.00"), rate=Decimal("0.1"), from_on=DAY, until_on=DAY + timedelta(days=1))
    assert interest_of(half, 360) == Decimal("0.01")


def test_a_loan_over_the_turn_of_the_share_has_two_lines() -> None:
    lines = subsidy_lines(a_year(), book=BOOK, division=TOWN)
    assert [(line.from_on, line.until_on, line.days) for line in lines] == [
        (date(2023, 9, 1), date(2024, 1, 1), 122),
        (date(2024, 1, 1), date(2024, 9, 1), 244),
    ]
    # 50,000 × 3.45 % × 122 / 360 = 584.58 in full; × 244 / 360 = 1,169.17, of which 70 % are 818.42.
    assert [(line.interest, line.subsidy) for line in lines] == [
        (Decimal("584.58"), Decimal("584.58")),
        (Decimal("1169.17"), Decimal("818.42")),
    ]


def test_above_the_subsidised_amount_the_part_above_bears_none() -> None:
    (line,) = subsidy_lines(a_year("80000.00", until_on=date(2024, 1, 1)), book=BOOK, division=TOWN)
    assert (line.interest, line.subsidised_principal, line.subsidy) == (
        Decimal("935.33"), Decimal("50000.00"), Decimal("584.58"),
    )  # fmt: skip


def test_a_missing_share_refuses() -> None:
    beyond = a_year(from_on=date(2025, 12, 1), until_on=date(2026, 1, 2))
    with pytest.raises(ParameterMissing):
        subsidy_lines(beyond, book=BOOK, division=TOWN)
    assert subsidy_lines(replace(beyond, until_on=date(2026, 1, 1)), book=BOOK, division=TOWN)


@given(
    first=st.dates(date(2021, 1, 1), date(2025, 12, 30)),
    days=st.integers(1, 1095),
    principal=st.decimals("0.01", "100000.00", places=2),
)
def test_periods_join_without_gap_and_a_subsidy_is_never_more_than_the_interest(
    first: date, days: int, principal: Decimal
) -> None:
    until = min(first + timedelta(days=days), date(2026, 1, 1))
    whole = Accrual(principal=principal, rate=Decimal("0.0345"), from_on=first, until_on=until)
    lines = subsidy_lines(whole, book=BOOK, division=TOWN)
    assert (lines[0].from_on, lines[-1].until_on, sum(line.days for line in lines)) == (first, until, whole.days)
    assert all(before.until_on == later.from_on for before, later in itertools.pairwise(lines))
    assert all(0 <= line.subsidy <= line.interest for line in lines)
    assert lines == subsidy_lines(whole, book=BOOK, division=TOWN), "the same again to the fen"

"""Ratios of pay on their own bases, loans for hiring and refunds, each on its boundary."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decision import Answer
from contracts.parameters import ParameterBook, ParameterMissing
from services.employment.domain.enterprise_rules import (
    Hiring,
    Insured,
    Size,
    enterprise_loan_findings,
    hires_that_count,
    refund_findings,
    refund_of,
)
from services.employment.domain.parameters import load_seed
from services.employment.domain.workfare_ratio import RATIO, ratio_checks

BOOK = ParameterBook(load_seed())
DAY, TOWN = date(2024, 3, 12), "150623100"
FUNDS = {"central-funds": Decimal("200000.00"), "own-funds": Decimal("800000.00")}


def test_every_rule_is_shown_on_its_own_base() -> None:
    checks = ratio_checks(FUNDS, Decimal("60000.00"), book=BOOK, day=DAY, division=TOWN)
    assert [(one.rule, one.base, one.base_amount, one.required) for one in checks] == [
        ("plan", "project-total", Decimal("1000000.00"), Decimal("100000.00")),
        ("national", "central-funds", Decimal("200000.00"), Decimal("60000.00")),
    ]
    assert [one.finding.answer for one in checks] == [Answer.NO, Answer.YES], (
        "the larger ratio is not the stricter rule"
    )


@pytest.mark.parametrize(("paid", "answer"), [("100000.00", Answer.YES), ("99999.99", Answer.NO)])
def test_on_the_ratio_is_enough_and_a_fen_less_is_not(paid: str, answer: Answer) -> None:
    checks = ratio_checks(FUNDS, Decimal(paid), book=BOOK, day=DAY, division=TOWN)
    assert checks[0].finding.answer is answer


def test_what_is_required_is_rounded_up() -> None:
    (plan, _) = ratio_checks({"own-funds": Decimal("0.11")}, Decimal("0.01"), book=BOOK, day=DAY, division=TOWN)
    assert (plan.required, plan.finding.answer) == (Decimal("0.02"), Answer.NO)


def test_a_rule_without_its_funds_does_not_bite_and_says_so() -> None:
    checks = ratio_checks({"own-funds": Decimal(1000)}, Decimal(100), book=BOOK, day=DAY, division=TOWN)
    assert [(one.base_amount, one.finding.answer) for one in checks] == [
        (Decimal(1000), Answer.YES), (None, Answer.YES),
    ]  # fmt: skip
    assert "does not apply" in checks[1].finding.because.en


def test_a_provinces_rule_stands_beside_the_nations() -> None:
    ours = replace(
        next(value for value in load_seed() if value.key == RATIO),
        division="15", value=[{"rule": "region", "base": "provincial-funds", "ratio": "0.15"}], valid_to=None,
    )  # fmt: skip
    book = ParameterBook([*load_seed(), ours])
    checks = ratio_checks({"provincial-funds": Decimal(1000)}, Decimal(149), book=book, day=DAY, division=TOWN)
    assert {one.rule: one.finding.answer for one in checks} == {
        "region": Answer.NO, "plan": Answer.YES, "national": Answer.YES,
    }  # fmt: skip


def test_the_national_rule_begins_with_2023_and_a_missing_rule_refuses() -> None:
    assert len(ratio_checks(FUNDS, Decimal(0), book=BOOK, day=date(2022, 12, 31), division=TOWN)) == 1
    assert len(ratio_checks(FUNDS, Decimal(0), book=BOOK, day=date(2023, 1, 1), division=TOWN)) == 2
    with pytest.raises(ParameterMissing):
        ratio_checks(FUNDS, Decimal(0), book=BOOK, day=date(2026, 1, 1), division=TOWN)


@given(total=st.decimals("0.01", "9999999.99", places=2), paid=st.decimals("0", "9999999.99", places=2))
def test_a_yes_means_at_least_the_ratio(total: Decimal, paid: Decimal) -> None:
    (plan, _) = ratio_checks({"own-funds": total}, paid, book=BOOK, day=DAY, division=TOWN)
    assert (plan.finding.answer is Answer.YES) is (paid >= plan.required)
    assert plan.required >= total / 10 > plan.required - Decimal("0.01")


FIRM = Hiring(staff=100, hires=10, arrears=False, loans_before=2)


def loan(hiring: Hiring = FIRM, amount: str = "4000000.00", months: int = 24) -> list[str]:
    found = enterprise_loan_findings(hiring, Decimal(amount), months, book=BOOK, day=DAY, division=TOWN)
    return [one.code for one in found if one.answer is not Answer.YES]


def test_an_enterprise_on_every_line_may_have_the_loan() -> None:
    assert loan() == []
    assert loan(replace(FIRM, staff=101, hires=6)) == []


@pytest.mark.parametrize(
    ("against", "hiring", "amount", "months"),
    [
        ("hire-share", replace(FIRM, hires=9), "1.00", 1),
        ("hire-share", replace(FIRM, staff=101, hires=5), "1.00", 1),
        ("hire-share", replace(FIRM, staff=0, hires=0), "1.00", 1),
        ("no-arrears", replace(FIRM, arrears=True), "1.00", 1),
        ("times", replace(FIRM, loans_before=3), "1.00", 1),
        ("amount", FIRM, "4000000.01", 1),
        ("term", FIRM, "1.00", 25),
    ],
)
def test_one_unit_over_a_line_is_against_it(against: str, hiring: Hiring, amount: str, months: int) -> None:
    assert loan(hiring, amount, months) == [against]


def test_a_hire_counts_with_a_contract_of_a_year() -> None:
    assert hires_that_count([11, 12, 13, 36], book=BOOK, day=DAY, division=TOWN) == 3


PAID_UP = Insured(
    staff=31, months_contributed=12, laid_off=1, contributions=Decimal("10000.01"), size=Size.SMALL_AND_MEDIUM
)


def refund(firm: Insured) -> list[str]:
    return [
        one.code for one in refund_findings(firm, book=BOOK, day=DAY, division=TOWN) if one.answer is not Answer.YES
    ]


@pytest.mark.parametrize(
    ("firm", "against"),
    [
        (PAID_UP, []),
        (replace(PAID_UP, laid_off=2), ["layoffs"]),
        (replace(PAID_UP, staff=1000, laid_off=55), []),
        (replace(PAID_UP, staff=1000, laid_off=56), ["layoffs"]),
        (replace(PAID_UP, staff=30, laid_off=6), []),
        (replace(PAID_UP, staff=30, laid_off=7), ["layoffs"]),
        (replace(PAID_UP, months_contributed=11), ["contributed"]),
        (replace(PAID_UP, staff=0, laid_off=0), ["layoffs"]),
    ],
)
def test_who_kept_its_people_is_refunded(firm: Insured, against: list[str]) -> None:
    assert refund(firm) == against


def test_a_refund_is_a_share_by_size_to_the_fen() -> None:
    assert refund_of(PAID_UP, book=BOOK, day=DAY, division=TOWN) == Decimal("6000.01")
    assert refund_of(replace(PAID_UP, size=Size.LARGE), book=BOOK, day=DAY, division=TOWN) == Decimal("3000.00")

"""Who may have a microloan, how much, for how long, for what and at which rate (M-2.1.4).

Every condition is a finding; a loan is granted when none of them is no or unknown. An age limit is counted to the end
of the birth month, since only the month of birth is known of a person.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.month import Month
from contracts.parameters import ParameterBook, ParameterValue
from services.employment.domain.ages import has_passed, has_reached

CLAUSE = "M-2.1.4"
_AMOUNT, _TOPPED = "employment.microloan.max-amount", "employment.microloan.max-amount-with-top-up"
_MONTHS, _PURPOSES = "employment.microloan.max-months", "employment.microloan.purposes"
_YOUNGEST, _OLDEST = "employment.microloan.min-age", "employment.microloan.max-age"
_RENEWALS, _EXTENSIONS = "employment.microloan.max-renewals", "employment.microloan.max-extensions"
_EXTENSION_MONTHS = "employment.microloan.max-extension-months"
_LPR_ONE, _LPR_FIVE = "employment.lpr.one-year", "employment.lpr.five-years"
_ONE_YEAR = 12
_RELIEVED = "relieved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrower:
    """What employment knows of the person and the household on the day. None: not known."""

    birth_month: Month | None
    household_type: str
    monitored: bool
    running_loans: int
    """Of the household as a whole: one loan per household at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A loan as it is applied for: yuan, whole months, a purpose by code, and the yearly rate of the contract."""

    amount: Decimal
    months: int
    purpose: str
    rate: Decimal
    topped_up: bool = False


def loan_findings(
    borrower: Borrower, wanted: Wanted, *, book: ParameterBook, day: date, division: str
) -> tuple[Finding, ...]:
    """Every condition with its answer. Raises ParameterMissing."""

    def find(key: str) -> ParameterValue:
        return book.find(key, day, division)

    most = find(_TOPPED if wanted.topped_up else _AMOUNT)
    months, purposes = find(_MONTHS), find(_PURPOSES)
    cap = find(_LPR_ONE if wanted.months <= _ONE_YEAR else _LPR_FIVE)
    return (
        _household(borrower),
        _single(borrower),
        _age(borrower, find(_YOUNGEST), find(_OLDEST), day),
        _found(
            "amount", 0 < wanted.amount <= most.decimal,
            f"申请 {wanted.amount} 元，上限 {most.value} 元", f"{wanted.amount} yuan of at most {most.value}", most,
        ),
        _found(
            "term", 0 < wanted.months <= months.whole,
            f"期限 {wanted.months} 个月，上限 {months.value} 个月", f"{wanted.months} of at most {months.value} months",
            months,
        ),
        _found(
            "purpose", wanted.purpose in purposes.value,
            "须用于生产经营", "it is to be used for production", purposes,
        ),
        _found(
            "rate", 0 <= wanted.rate <= cap.decimal,
            f"年利率 {wanted.rate}，上限 {cap.value}", f"{wanted.rate} a year, at most {cap.value}", cap,
        ),
    )  # fmt: skip


def renewal_finding(renewed: int, *, book: ParameterBook, day: date, division: str) -> Finding:
    """Whether a loan that was renewed so often may be renewed once more."""
    most = book.find(_RENEWALS, day, division)
    return _found("renewals", renewed < most.whole, f"已续贷 {renewed} 次", f"renewed {renewed} times", most)


def extension_findings(
    extended: int, months: int, *, book: ParameterBook, day: date, division: str
) -> tuple[Finding, ...]:
    """Whether a loan that was extended so often may be extended by so many months."""
    most, longest = book.find(_EXTENSIONS, day, division), book.find(_EXTENSION_MONTHS, day, division)
    return (
        _found("extensions", extended < most.whole, f"已展期 {extended} 次", f"extended {extended} times", most),
        _found(
            "extension-months", 0 < months <= longest.whole,
            f"展期 {months} 个月，上限 {longest.value} 个月", f"{months} of at most {longest.value} months", longest,
        ),
    )  # fmt: skip


def _household(borrower: Borrower) -> Finding:
    eligible = borrower.household_type == _RELIEVED or borrower.monitored
    return _found("household", eligible, "须为脱贫户或监测对象", "it is a relieved or a monitored household")


def _single(borrower: Borrower) -> Finding:
    return _found(
        "one-per-household", borrower.running_loans == 0,
        f"该户在贷 {borrower.running_loans} 笔", f"{borrower.running_loans} loans of the household run",
    )  # fmt: skip


def _age(borrower: Borrower, youngest: ParameterValue, oldest: ParameterValue, day: date) -> Finding:
    born = borrower.birth_month
    if born is None:
        return _found("age", None, "出生月份未知", "the month of birth is not known", youngest, oldest)
    old_enough = has_reached(born, youngest.whole, day)
    not_too_old = not has_passed(born, oldest.whole, day)
    return _found(
        "age", old_enough and not_too_old,
        f"{born} 出生，应满 {youngest.value} 周岁、不超过 {oldest.value} 周岁",
        f"born in {born}; from {youngest.value} to {oldest.value} years", youngest, oldest,
    )  # fmt: skip


def _found(code: str, holds: bool | None, zh: str, en: str, *used: ParameterValue) -> Finding:
    return Finding(
        clause=CLAUSE,
        code=code,
        answer=Answer.of(holds),
        because=Because(zh=zh, en=en),
        parameters=tuple(map(ParameterUsed.of, used)),
    )

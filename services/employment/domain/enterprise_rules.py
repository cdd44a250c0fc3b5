"""Enterprises: who may have a guaranteed loan for hiring (M-2.2.9), and whose contributions are refunded (M-2.2.17)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.money import to_fen
from contracts.parameters import ParameterBook, ParameterValue

LOAN, REFUND = "M-2.2.9", "M-2.2.17"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiring:
    """`hires` are eligible persons hired this year under contracts that are long enough; `staff` counts them too."""

    staff: int
    hires: int
    arrears: bool
    loans_before: int


def hires_that_count(contract_months: list[int], *, book: ParameterBook, day: date, division: str) -> int:
    """How many hires have a contract of the least length. Raises ParameterMissing."""
    least = book.find("employment.enterprise-loan.contract-months", day, division).whole
    return sum(months >= least for months in contract_months)


def enterprise_loan_findings(
    hiring: Hiring, amount: Decimal, months: int, *, book: ParameterBook, day: date, division: str
) -> tuple[Finding, ...]:
    """Every condition with its answer. Raises ParameterMissing."""

    def find(name: str) -> ParameterValue:
        return book.find(f"employment.enterprise-loan.{name}", day, division)

    large = find("large-staff")
    share = find("hire-share-large" if hiring.staff > large.whole else "hire-share")
    most, longest, times = find("max-amount"), find("max-months"), find("max-times")
    enough = None if hiring.staff < 1 else hiring.hires >= share.decimal * hiring.staff
    return (
        _found(LOAN, "hire-share", enough, f"职工 {hiring.staff} 人，新招用 {hiring.hires} 人",
               f"{hiring.hires} hires in a staff of {hiring.staff}", share, large),
        _found(LOAN, "no-arrears", not hiring.arrears, "无拖欠", "nothing is in arrears"),
        _found(LOAN, "times", hiring.loans_before < times.whole, f"已贷 {hiring.loans_before} 次",
               f"{hiring.loans_before} loans before", times),
        _found(LOAN, "amount", 0 < amount <= most.decimal, f"申请 {amount} 元", f"{amount} yuan", most),
        _found(LOAN, "term", 0 < months <= longest.whole, f"期限 {months} 个月", f"{months} months", longest),
    )  # fmt: skip


class Size(StrEnum):
    SMALL_AND_MEDIUM = "small-and-medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insured:
    """A firm in the year before: insured staff, months contributed, people laid off, yuan of contributions."""

    staff: int
    months_contributed: int
    laid_off: int
    contributions: Decimal
    size: Size


def refund_findings(firm: Insured, *, book: ParameterBook, day: date, division: str) -> tuple[Finding, ...]:
    """Whether a firm kept its people and paid. Raises ParameterMissing."""

    def find(name: str) -> ParameterValue:
        return book.find(f"employment.stabilisation.{name}", day, division)

    months, small = find("min-contribution-months"), find("small-staff")
    rate = find("max-layoff-rate-small" if firm.staff <= small.whole else "max-layoff-rate")
    kept = None if firm.staff < 1 else firm.laid_off <= rate.decimal * firm.staff
    return (
        _found(REFUND, "contributed", firm.months_contributed >= months.whole, f"缴费 {firm.months_contributed} 个月",
               f"{firm.months_contributed} months contributed", months),
        _found(REFUND, "layoffs", kept, f"参保 {firm.staff} 人，裁员 {firm.laid_off} 人",
               f"{firm.laid_off} of {firm.staff} laid off", rate, small),
    )  # fmt: skip


def refund_of(firm: Insured, *, book: ParameterBook, day: date, division: str) -> Decimal:
    """Yuan that are refunded where every finding is yes; half up to the fen. Raises ParameterMissing."""
    share = book.find("employment.stabilisation.refund-share", day, division).value[firm.size.value]
    return to_fen(firm.contributions * Decimal(str(share)))


def _found(clause: str, code: str, holds: bool | None, zh: str, en: str, *used: ParameterValue) -> Finding:
    return Finding(
        clause=clause,
        code=code,
        answer=Answer.of(holds),
        because=Because(zh=zh, en=en),
        parameters=tuple(map(ParameterUsed.of, used)),
    )

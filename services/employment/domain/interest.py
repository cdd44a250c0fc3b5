"""Interest and its subsidy by the day: actual days over a basis, first day in and last day out, rounded per period.

A period is what one subsidy share covers. Each is rounded half up to the fen, so a schedule computed again is the
same to the fen. Where no share is in force on a day, ParameterMissing: nothing is paid on a guess (M-2.1.4).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from contracts.decision import ParameterUsed
from contracts.money import to_fen
from contracts.parameters import ParameterBook

BASIS = "employment.interest.day-basis"
SHARE = "employment.microloan.subsidy-share"
SUBSIDISED = "employment.microloan.subsidised-amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """Interest of `principal` yuan at a yearly `rate` (0.0345 is 3.45 %) from the first day to the day of repayment,
    which bears none."""

    principal: Decimal
    rate: Decimal
    from_on: date
    until_on: date

    @property
    def days(self) -> int:
        return (self.until_on - self.from_on).days


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyLine:
    """One period: its interest in all, the part of the principal that is subsidised, and what is paid for it."""

    from_on: date
    until_on: date
    days: int
    interest: Decimal
    subsidised_principal: Decimal
    subsidy: Decimal
    parameters: tuple[ParameterUsed, ...]


def interest_of(accrual: Accrual, basis: int) -> Decimal:
    """Yuan, half up to the fen."""
    return to_fen(_exact(accrual.principal, accrual, basis))


def subsidy_lines(accrual: Accrual, *, book: ParameterBook, division: str) -> tuple[SubsidyLine, ...]:
    """The periods of a loan, each with the share of its own days. Raises ParameterMissing.

    The basis and the subsidised amount are those of the day on which the loan was paid out; a loan above that amount
    bears a subsidy for that part of it alone.
    """
    basis = book.find(BASIS, accrual.from_on, division)
    most = book.find(SUBSIDISED, accrual.from_on, division)
    subsidised = min(accrual.principal, most.decimal)
    lines = []
    for part in _periods(accrual, book, division):
        share = book.find(SHARE, part.from_on, division)
        lines.append(
            SubsidyLine(
                from_on=part.from_on,
                until_on=part.until_on,
                days=part.days,
                interest=interest_of(part, basis.whole),
                subsidised_principal=subsidised,
                subsidy=to_fen(_exact(subsidised, part, basis.whole) * share.decimal),
                parameters=(ParameterUsed.of(basis), ParameterUsed.of(most), ParameterUsed.of(share)),
            )
        )
    return tuple(lines)


def _exact(principal: Decimal, accrual: Accrual, basis: int) -> Decimal:
    return principal * accrual.rate * accrual.days / basis


def _periods(accrual: Accrual, book: ParameterBook, division: str) -> Iterator[Accrual]:
    """The accrual cut where another share begins."""
    first = accrual.from_on
    while first < accrual.until_on:
        ends = book.find(SHARE, first, division).valid_to
        until = accrual.until_on if ends is None else min(accrual.until_on, ends + timedelta(days=1))
        yield Accrual(principal=accrual.principal, rate=accrual.rate, from_on=first, until_on=until)
        first = until

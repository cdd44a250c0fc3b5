"""Expense of one person in one period, added up from bureaus' files and single warnings (M-1.1.2).

A record counts once, however often and from wherever it comes: its number says that it is the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """What one record says was spent. A warning without number is a record of its own, named by its signal."""

    record_no: str
    amount: Decimal | None
    """Yuan; None is not known, never zero."""
    on: date
    from_file: bool


@dataclass(frozen=True, slots=True)
class Cumulated:
    amount: Decimal | None
    """Yuan over all records whose amount is known; None where none is."""
    last_on: date
    """The day of the last record that counts."""


def cumulated(expenses: Iterable[Expense]) -> Cumulated:
    """The sum of at least one expense, given in the order in which they came.

    Each record counts as the newest file has it, for the file is the bureau's own word; before it stands in a file,
    as the newest warning has it.
    """
    standing: dict[str, Expense] = {}
    for expense in expenses:
        former = standing.get(expense.record_no)
        if former is None or expense.from_file or not former.from_file:
            standing[expense.record_no] = expense
    known = [expense.amount for expense in standing.values() if expense.amount is not None]
    return Cumulated(sum(known, Decimal(0)) if known else None, max(expense.on for expense in standing.values()))

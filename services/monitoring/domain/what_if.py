"""What-if questions: the same screening by other parameter values, or by the parameters and windows of another day.

Facts are those known now; nothing is decided. Without a day every piece of evidence is judged on the day that its
rule names, on both sides. With a day, what lies in that day's windows is judged by that day's parameters, and held
against the windows and parameters of today.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar

from contracts.errors import FieldError
from contracts.month import Month, months_between
from contracts.parameters import ParameterBook, ParameterValue
from services.monitoring.domain.bounds import Bounds, Operator
from services.monitoring.domain.periods import Period
from services.monitoring.domain.screening import RULES, Rule

WINDOW_MONTHS = 12
"""Single events have no period: those of so many calendar months, up to the day asked for, are in its window."""
_MOST = Decimal("1e12")
_MOST_CODES = 100
_OPERATORS = {line.key: line.operator for rule in RULES.values() for line in rule.lines if line.key}

Change = Literal["flagged", "no-longer-flagged"]
K = TypeVar("K", bound=Hashable)
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two screenings that are compared."""

    book: ParameterBook
    window_on: date | None


def change_errors(changes: Sequence[tuple[str, Any]]) -> list[FieldError]:
    """Keys that no screening rule reads, keys named twice, and values that are not of the key's form."""
    found = []
    keys = [key for key, _ in changes]
    for index, (key, value) in enumerate(changes):
        if key not in _OPERATORS:
            found.append(FieldError("unknown-parameter", f"/parameters/{index}/key"))
        elif key in keys[:index]:
            found.append(FieldError("parameter-twice", f"/parameters/{index}/key"))
        elif not _is_of_form(_OPERATORS[key], value):
            found.append(FieldError("parameter-value", f"/parameters/{index}/value"))
    return found


def replaced(book: ParameterBook, changes: Sequence[tuple[str, Any]], division: str) -> ParameterBook:
    """The book in which each changed value holds for ever in a division, except where a part has its own value."""
    return book.replaced(
        ParameterValue(
            key=key,
            value=value,
            unit="",
            valid_from=date.min,
            valid_to=None,
            division=division,
            source="what-if",
            clause="M-1.1.2",
        )
        for key, value in changes
    )


def refuse_unless_in_force(book: ParameterBook, day: date, division: str) -> None:
    """Raises ParameterMissing when a screening rule has no value on the day."""
    for key in _OPERATORS:
        book.find(key, day, division)


def in_window(rule: Rule, period: Period, evidence_on: date, day: date) -> bool:
    """Whether evidence lies in the rule's window of a day: its period holds the day, or the single event is recent."""
    if rule.period is not None:
        return period.first_on <= day <= period.last_on
    return evidence_on <= day and months_between(Month.of(evidence_on), Month.of(day)) < WINDOW_MONTHS


def either(first: Bounds, second: Bounds) -> Bounds:
    """Bounds that let through whatever one of two lets through."""
    lines = first.lines + second.lines if first.lines and second.lines else ()
    return Bounds(first.rule, lines)


def differences(now: Mapping[K, F], then: Mapping[K, F]) -> list[tuple[Change, F]]:
    """What would be flagged and is not, and what is flagged and would be no longer; what is both is no difference."""
    more: list[tuple[Change, F]] = [("flagged", finding) for key, finding in then.items() if key not in now]
    return more + [("no-longer-flagged", finding) for key, finding in now.items() if key not in then]


def _is_of_form(operator: Operator, value: Any) -> bool:
    if operator is Operator.ONE_OF:
        return (
            isinstance(value, list)
            and len(value) <= _MOST_CODES
            and all(isinstance(code, str) and 0 < len(code) <= 40 for code in value)
        )
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    try:
        return 0 <= Decimal(value) <= _MOST
    except InvalidOperation:
        return False

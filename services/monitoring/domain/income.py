"""Income entries: what a household or a person earned in whole months, as a source says it (facts.md 2.10).

An entry is unique by household or person, kind, period and source. An explicit zero is known; a correction replaces
the entry and keeps what stood before. A yearly figure stays a yearly entry: nothing is spread over months.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from contracts.money import FEN
from contracts.month import Month
from services.monitoring.domain import errors
from services.monitoring.domain.ids import HouseholdId, MemberId


class IncomeKind(StrEnum):
    WAGE = "wage"
    PRODUCTION = "production"
    PROPERTY = "property"
    TRANSFER = "transfer"
    PRODUCTION_COST = "production-cost"
    """What production cost; a positive amount that is taken off."""
    PER_CAPITA_NET = "per-capita-net"
    """The year's per-capita net income as a source reports it; the only kind that may be negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeKey:
    """What makes an entry the same one. `last` is the last month of the period."""

    household_id: HouseholdId
    member_id: MemberId | None
    kind: IncomeKind
    first: Month
    last: Month
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeEntry:
    key: IncomeKey
    amount: Decimal = field(repr=False)
    recorded_on: date
    replaced_on: date | None = None

    @property
    def stands(self) -> bool:
        return self.replaced_on is None


def year_of(
    household_id: HouseholdId,
    kind: IncomeKind,
    year: int,
    source: str,
    member_id: MemberId | None = None,
) -> IncomeKey:
    """The key of an entry for a calendar year."""
    return IncomeKey(
        household_id=household_id,
        member_id=member_id,
        kind=kind,
        first=Month(year, 1),
        last=Month(year, 12),
        source=source,
    )


def recorded(entries: Sequence[IncomeEntry], entry: IncomeEntry) -> tuple[IncomeEntry, ...]:
    """The entries with one more; the one it corrects is kept as replaced, an equal one changes nothing.

    Raises InvalidIncome for a period that ends before it begins, more than two decimal places, a negative amount of
    a kind that cannot be negative, or a per-capita figure of one person.
    """
    check_entry(entry)
    standing = next((known for known in entries if known.key == entry.key and known.stands), None)
    if standing is not None and standing.amount == entry.amount:
        return tuple(entries)
    kept = (replace(known, replaced_on=entry.recorded_on) if known is standing else known for known in entries)
    return (*kept, entry)


def known_amount(entries: Iterable[IncomeEntry], key: IncomeKey) -> Decimal | None:
    """The standing amount; zero when it was reported as zero, None when it was not reported."""
    return next((entry.amount for entry in entries if entry.key == key and entry.stands), None)


def amount_as_recorded_on(entries: Iterable[IncomeEntry], key: IncomeKey, day: date) -> Decimal | None:
    """What was known on a day, corrections of later days left aside."""
    known = [
        entry
        for entry in entries
        if entry.key == key and entry.recorded_on <= day and (entry.replaced_on is None or day < entry.replaced_on)
    ]
    return known[-1].amount if known else None


def check_entry(entry: IncomeEntry) -> None:
    """Raises InvalidIncome for an entry that cannot be, whatever else is known."""
    key = entry.key
    exact = entry.amount.is_finite() and entry.amount == entry.amount.quantize(FEN)
    negative = exact and entry.amount < 0 and key.kind is not IncomeKind.PER_CAPITA_NET
    of_one_person = key.kind is IncomeKind.PER_CAPITA_NET and key.member_id is not None
    if not exact or negative or of_one_person or key.last < key.first or not key.source.strip():
        raise errors.InvalidIncome

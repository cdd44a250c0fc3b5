"""Month-ends and what a household lived on in the twelve months before each (M-1.1.25).

The observation of a month-end is the net income per head of the twelve months that end with that month: as a survey
states it for just those months, or computed where entries cover them for every kind, to the month. Nothing is spread
and nothing guessed: a calendar-year entry speaks for December only. Where sources differ their order decides.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.decision import Answer
from contracts.month import Month
from contracts.parameters import ParameterValue
from services.monitoring.domain.ids import MemberId
from services.monitoring.domain.income import IncomeEntry, IncomeKind
from services.monitoring.domain.survey import Survey

SURVEY = "survey"
WINDOW = 12
_KINDS = (
    IncomeKind.WAGE,
    IncomeKind.PRODUCTION,
    IncomeKind.PROPERTY,
    IncomeKind.TRANSFER,
    IncomeKind.PRODUCTION_COST,
)
Subject = MemberId | None
"""Whose entry it is: None is the household as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A month-end: yuan per head of the twelve months before it (None: unknown), where it comes from, the line."""

    month: Month
    per_capita: Decimal | None
    source: str | None
    line: ParameterValue

    @property
    def answer(self) -> Answer:
        """Whether it is at or above the line of its year."""
        return Answer.of(None if self.per_capita is None else self.per_capita >= self.line.decimal)


def observe(
    month: Month,
    *,
    entries: Sequence[IncomeEntry],
    surveys: Sequence[Survey],
    earners: Sequence[MemberId],
    members: int,
    line: ParameterValue,
    order: Sequence[str],
) -> Observation:
    """The observation of one month-end.

    `members` are counted at the month-end; `earners` those of them whose personal entries must be known where the
    household as a whole has none. `order` ranks sources; those not named come last, by name.
    """
    known = {**computed(month, entries, earners, members), **stated(month, surveys, members)}
    if not known:
        return Observation(month=month, per_capita=None, source=None, line=line)
    rank = {source: place for place, source in enumerate(order)}
    source = min(known, key=lambda one: (rank.get(one, len(rank)), one))
    return Observation(month=month, per_capita=known[source], source=source, line=line)


def stated(month: Month, surveys: Sequence[Survey], members: int) -> dict[str, Decimal]:
    """What the newest survey says of exactly these twelve months."""
    said = [survey for survey in surveys if survey.income.last == month and survey.income.net is not None]
    if not said or members < 1:
        return {}
    net = max(said, key=lambda survey: (survey.surveyed_on, survey.id)).income.net
    return {} if net is None else {SURVEY: net / members}


def computed(
    month: Month, entries: Sequence[IncomeEntry], earners: Sequence[MemberId], members: int
) -> dict[str, Decimal]:
    """What each source's entries add up to, for sources that cover every kind and month of the twelve."""
    by_source: defaultdict[str, list[IncomeEntry]] = defaultdict(list)
    for entry in entries:
        if entry.stands:
            by_source[entry.key.source].append(entry)
    found: dict[str, Decimal] = {}
    for source, known in by_source.items():
        amount = _per_capita(month, known, earners, members)
        if amount is not None:
            found[source] = amount
    return found


def _per_capita(
    month: Month, entries: Sequence[IncomeEntry], earners: Sequence[MemberId], members: int
) -> Decimal | None:
    grouped: defaultdict[tuple[IncomeKind, Subject], list[IncomeEntry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.key.kind, entry.key.member_id].append(entry)
    reported = _covering(grouped[IncomeKind.PER_CAPITA_NET, None], month)
    if reported is not None:
        return reported
    amounts = {kind: _of_kind(kind, grouped, month, earners) for kind in _KINDS}
    if members < 1 or any(amount is None for amount in amounts.values()):
        return None
    cost = amounts.pop(IncomeKind.PRODUCTION_COST) or Decimal(0)
    return (sum((amount or Decimal(0) for amount in amounts.values()), Decimal(0)) - cost) / members


def _of_kind(
    kind: IncomeKind,
    grouped: Mapping[tuple[IncomeKind, Subject], Sequence[IncomeEntry]],
    month: Month,
    earners: Sequence[MemberId],
) -> Decimal | None:
    """Of the household as a whole, or of each of its earners; never the sum of both."""
    whole = _covering(grouped.get((kind, None), ()), month)
    if whole is not None or not earners:
        return whole
    parts = [_covering(grouped.get((kind, earner), ()), month) for earner in earners]
    if any(part is None for part in parts):
        return None
    return sum((part or Decimal(0) for part in parts), Decimal(0))


def _covering(entries: Sequence[IncomeEntry], month: Month) -> Decimal | None:
    """The sum of entries that cover the twelve months without gap and overlap; the longest ones are tried first."""
    beginning: defaultdict[Month, list[IncomeEntry]] = defaultdict(list)
    for entry in entries:
        if entry.key.last <= month:
            beginning[entry.key.first].append(entry)
    return _from(month.plus(1 - WINDOW), month, beginning)


def _from(first: Month, last: Month, beginning: Mapping[Month, Sequence[IncomeEntry]]) -> Decimal | None:
    if first > last:
        return Decimal(0)
    for entry in sorted(beginning.get(first, ()), key=lambda one: one.key.last, reverse=True):
        rest = _from(entry.key.last.plus(1), last, beginning)
        if rest is not None:
            return entry.amount + rest
    return None


def last_month_end(day: date) -> Month:
    """The last month that has ended on a day."""
    return Month.of(day).plus(-1)


def stable(observations: Sequence[Observation]) -> Answer:
    """All of these month-ends are at or above the line: one below is a no, one unknown leaves it unknown."""
    answers = {observation.answer for observation in observations}
    if Answer.NO in answers:
        return Answer.NO
    return Answer.UNKNOWN if Answer.UNKNOWN in answers or not answers else Answer.YES

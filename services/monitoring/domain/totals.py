"""The totals of an ended day by division, for a reader to reconcile with: households, open flags, events.

Every household, flag and event counts in its village and in each division above it, up to the city.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from contracts.division import LENGTHS, Level
from contracts.events.envelope import Raised
from contracts.events.monitoring import EventCount, HouseholdCount, TotalsPublished
from contracts.month import SHANGHAI

NOT_MONITORED = "none"
_LEVELS = tuple(LENGTHS[level] for level in (Level.CITY, Level.COUNTY, Level.TOWN, Level.VILLAGE))


@dataclass(slots=True)
class Totals:
    """What is counted in one division on one day."""

    households: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By household type and monitored class."""
    open_flags: int = 0
    open_cases: int = 0
    events: Counter[str] = field(default_factory=Counter)
    """By type, without these totals themselves."""


class DayTotals:
    """The totals of one day, while they are counted."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._divisions: defaultdict[str, Totals] = defaultdict(Totals)

    def count_households(self, division: str, household_type: str, monitored_class: str | None, number: int) -> None:
        for totals in self._at(division):
            totals.households[household_type, monitored_class or NOT_MONITORED] += number

    def count_open_flags(self, division: str, number: int) -> None:
        for totals in self._at(division):
            totals.open_flags += number

    def count_open_cases(self, division: str, number: int) -> None:
        for totals in self._at(division):
            totals.open_cases += number

    def count_events(self, division: str, event_type: str, number: int) -> None:
        for totals in self._at(division):
            totals.events[event_type] += number

    def published(self) -> list[Raised]:
        """One event for each division in which anything was counted; it happens when the day has ended."""
        following = self.day + timedelta(days=1)
        ended_at = datetime(following.year, following.month, following.day, tzinfo=SHANGHAI)
        return [
            Raised(
                data=_event(division, self.day, totals),
                key=f"division/{division}",
                subject=division,
                division=division,
                occurred_at=ended_at,
            )
            for division, totals in sorted(self._divisions.items())
        ]

    def _at(self, division: str) -> Iterable[Totals]:
        return [self._divisions[division[:length]] for length in _LEVELS if length <= len(division)]


def _event(division: str, day: date, totals: Totals) -> TotalsPublished:
    return TotalsPublished(
        division=division,
        day=day,
        households=tuple(
            HouseholdCount(household_type=household_type, monitored_class=monitored_class, households=number)
            for (household_type, monitored_class), number in sorted(totals.households.items())
        ),
        open_flags=totals.open_flags,
        open_cases=totals.open_cases,
        events=tuple(EventCount(type=kind, events=number) for kind, number in sorted(totals.events.items())),
    )

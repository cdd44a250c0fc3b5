"""Measures: planned for a household's risks, asked of one provider, delivered, and ended by their own term.

(M-1.1.17 to M-1.1.20, M-1.1.29.) A provider's late or repeated word changes nothing that has gone further.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from contracts.decision import Answer, Because, Finding
from contracts.dictionary import dictionary
from contracts.events.envelope import Raised, State
from contracts.events.measures import (
    MeasureCarriedOver,
    MeasureEvent,
    MeasureFunded,
    MeasurePlanned,
    MeasureRecorded,
    MeasureRequested,
)
from contracts.events.monitoring_state import MeasureState
from services.monitoring.domain import errors
from services.monitoring.domain.ids import HouseholdId, MeasureId, MemberId, household_key

OFFICERS = "officers"
HEALTH_CATEGORIES = frozenset({"health"})


class MeasureKind(StrEnum):
    PREVENTIVE = "preventive"
    REMEDIAL = "remedial"


class MeasureStanding(StrEnum):
    PLANNED = "planned"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    STARTED = "started"
    COMPLETED = "completed"
    STOPPED = "stopped"


_FOLLOWS: Mapping[MeasureStanding, frozenset[MeasureStanding]] = {
    MeasureStanding.PLANNED: frozenset({MeasureStanding.REQUESTED}),
    MeasureStanding.REQUESTED: frozenset({MeasureStanding.ACCEPTED, MeasureStanding.DECLINED, MeasureStanding.STARTED}),
    MeasureStanding.ACCEPTED: frozenset({MeasureStanding.STARTED, MeasureStanding.DECLINED, MeasureStanding.STOPPED}),
    MeasureStanding.DECLINED: frozenset({MeasureStanding.REQUESTED}),
    MeasureStanding.STARTED: frozenset({MeasureStanding.COMPLETED, MeasureStanding.STOPPED}),
    MeasureStanding.COMPLETED: frozenset(),
    MeasureStanding.STOPPED: frozenset(),
}
"""What may come after what; a declined measure returns to its planner, who may ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """A fund line (M-1.1.20): level, year, source and project; `amount` in yuan."""

    level: str
    year: int
    source: str
    project: str | None
    amount: Decimal = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Measure:
    id: MeasureId
    household_id: HouseholdId
    division: str
    category: str
    kind: MeasureKind
    provider: str
    covers: tuple[str, ...]
    planned_on: date
    funded: bool = False
    """Public money is planned for it: it then names its fund line."""
    member_id: MemberId | None = None
    standing: MeasureStanding = MeasureStanding.PLANNED
    requested_on: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    continues_to: date | None = None
    reason: str | None = None
    funding: tuple[Funding, ...] = ()
    declined_for: tuple[str, ...] = ()
    """Finding codes of the provider that declined it."""
    version: int = 0
    events: list[Raised] = field(default_factory=list, compare=False, repr=False)

    @property
    def running(self) -> bool:
        return self.standing in (MeasureStanding.ACCEPTED, MeasureStanding.STARTED)

    def plan(self) -> None:
        """It is new: the event tells it."""
        self._record(self._event(MeasurePlanned, self.planned_on))

    def request(self, on: date) -> None:
        """Its provider is asked. Raises MeasureOutOfOrder; one that is paid must name its fund line first."""
        if self.funded and not self.funding:
            raise errors.FundLineMissing(findings=[_fund_line(Answer.NO)])
        self._to(MeasureStanding.REQUESTED)
        self.requested_on, self.reason, self.declined_for = on, None, ()
        self._record(self._event(MeasureRequested, on))

    def fund(self, funding: Funding, on: date) -> None:
        """A fund line stands behind it (M-1.1.20). Raises MeasureHasEnded."""
        if self.standing in (MeasureStanding.COMPLETED, MeasureStanding.STOPPED):
            raise errors.MeasureHasEnded
        self.funding, self.funded = (*self.funding, funding), True
        self._record(self._event(MeasureFunded, on))

    def answered(self, standing: MeasureStanding, *, on: date, reason: str | None = None,
                 declined_for: tuple[str, ...] = ()) -> bool:  # fmt: skip
        """A provider's word, once; False for one that comes late or again. The provider's own event has told it."""
        if standing not in _FOLLOWS[self.standing]:
            return False
        self._stand(standing, on=on, reason=reason, declined_for=declined_for)
        self._record()
        return True

    def recorded(self, standing: MeasureStanding, *, on: date, reason: str | None = None) -> None:
        """An officer records what was done where no service answers. Raises MeasureOutOfOrder."""
        self._to(standing)
        self._stand(standing, on=on, reason=reason)
        self._record(MeasureRecorded(**self._named(), on=on, state=standing.value))

    def continue_to(self, day: date) -> bool:
        """It goes on to a day; False when nothing changed or it is over."""
        if not self.running or self.continues_to == day:
            return False
        self.continues_to = day
        self._record()
        return True

    def carry_over(self, on: date) -> None:
        """The household's risk was eliminated: what runs goes on to its own end (M-1.1.29)."""
        self._record(MeasureCarriedOver(**self._named(), on=on, continues_to=self.continues_to))

    def pass_to(self, household_id: HouseholdId, division: str, member_id: MemberId | None) -> None:
        """It follows its person, or its household, into another one."""
        self.household_id, self.division, self.member_id = household_id, division, member_id
        self._record()

    def end_with_person(self, on: date) -> None:
        """Its person died, or its household is no more."""
        self.standing, self.ended_on, self.reason = MeasureStanding.STOPPED, on, "person-gone"
        self._record(MeasureRecorded(**self._named(), on=on, state=self.standing.value))

    def state(self) -> State:
        data = MeasureState(
            measure_id=self.id,
            household_id=self.household_id,
            member_id=self.member_id,
            category=self.category,
            measure_kind=self.kind.value,
            provider=self.provider,
            state=self.standing.value,
            planned_on=self.planned_on,
            requested_on=self.requested_on,
            started_on=self.started_on,
            ended_on=self.ended_on,
            continues_to=self.continues_to,
        )
        return State(data=data, kind=MeasureState.kind, id=self.id, version=self.version, division=self.division)

    def _to(self, standing: MeasureStanding) -> None:
        if standing not in _FOLLOWS[self.standing]:
            text = Because(zh=f"当前状态 {self.standing.value}", en=f"it is {self.standing.value}")
            raise errors.MeasureOutOfOrder(text)
        self.standing = standing

    def _stand(
        self, standing: MeasureStanding, *, on: date, reason: str | None, declined_for: tuple[str, ...] = ()
    ) -> None:
        self.standing, self.reason, self.declined_for = standing, reason, declined_for
        if standing is MeasureStanding.STARTED:
            self.started_on = on
        if standing in (MeasureStanding.COMPLETED, MeasureStanding.STOPPED):
            self.ended_on = on

    def _named(self) -> dict[str, str]:
        return {
            "household_id": self.household_id,
            "division": self.division,
            "measure_id": self.id,
            "category": public_category(self.category),
            "provider": self.provider,
        }

    def _event(self, event: type[MeasureEvent], on: date) -> MeasureEvent:
        return event(**self._named(), on=on)

    def _record(self, *told: MeasureEvent) -> None:
        self.version += 1
        self.events += [
            Raised(
                data=data,
                key=household_key(self.household_id),
                subject=self.id,
                division=self.division,
                state_version=self.version,
            )
            for data in told
        ]


def provider_of(category: str, on: date) -> str:
    """Who provides a category by the dictionary of that day; raises InvalidMeasure for an unknown one."""
    entry = next((e for e in dictionary("measure-categories").entries if e.code == category and e.in_force(on)), None)
    if entry is None:
        raise errors.InvalidMeasure
    return str(entry.extra["provider"])


def public_category(category: str) -> str:
    """The category as it may be told in public: health measures are `other-hardship`."""
    return "other-hardship" if category in HEALTH_CATEGORIES else category


def _fund_line(answer: Answer) -> Finding:
    text = Because(zh="使用衔接资金的措施须写明资金来源", en="A measure that is paid names its fund line")
    return Finding(clause="M-1.1.20", code="fund-line-named", answer=answer, because=text)

"""Measures: what monitoring asks of a provider, and the one contract in which every provider answers (events.md).

The subject of each is the measure, the key its household. A category that tells health is `other-hardship` in public;
providers read the true one in the state of the measure.
"""

from datetime import date
from typing import ClassVar, Self

from contracts.events.envelope import EVERY_SERVICE, EventData
from contracts.events.monitoring import HouseholdEvent, PublicFinding

PROVIDERS = ("assets", "employment", "relief")
"""Services that provide measures."""
_HOUSEHOLD = "5f0d2c1e7b2a4a62b0a4c1d9e3f80701"
_MEASURE = "e9fa0b1c2d3e4f4a9b5c6d7e8f900103"
_VILLAGE = "150623100200"
_DAY = date(2024, 3, 30)
_ANSWER = {"household_id": _HOUSEHOLD, "division": _VILLAGE, "measure_id": _MEASURE}


class MeasureEvent(HouseholdEvent):
    """Something that monitoring says of a measure."""

    measure_id: str
    category: str
    provider: str
    on: date

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            measure_id=_MEASURE,
            category="employment",
            provider="employment",
            on=_DAY,
        )


class PlanApproved(HouseholdEvent):
    """The household has a plan of measures that covers each of its risks."""

    name = "plan-approved"
    plan_id: str
    approved_on: date
    measures: int

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, plan_id=_MEASURE, approved_on=_DAY, measures=2)


class MeasurePlanned(MeasureEvent):
    name = "measure-planned"


class MeasureRequested(MeasureEvent):
    """The provider is asked; it answers measure-accepted or measure-declined."""

    name = "measure-requested"


class MeasureFunded(MeasureEvent):
    """A fund line stands behind the measure; its amount is not told."""

    name = "measure-funded"


class MeasureRecorded(MeasureEvent):
    """An officer recorded what a provider did where no service answers; `state` is what it came to."""

    name = "measure-recorded"
    state: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            measure_id=_MEASURE,
            category="motivation",
            provider="officers",
            on=_DAY,
            state="started",
        )


class MeasureCarriedOver(MeasureEvent):
    """The risk was eliminated and the measure runs to its own term; nothing is cut off."""

    name = "measure-carried-over"
    continues_to: date | None

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            measure_id=_MEASURE,
            category="finance",
            provider="employment",
            on=_DAY,
            continues_to=date(2025, 6, 30),
        )


class HelpDeadlineEvent(HouseholdEvent):
    """A limit of help after identification: `plan`, `first-measure` or `developmental`."""

    case_id: str
    limit: str
    due_on: date
    clause: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            case_id=_MEASURE,
            limit="first-measure",
            due_on=_DAY,
            clause="M-1.1.18",
        )


class MeasureDeadlineNear(HelpDeadlineEvent):
    name = "measure-deadline-near"


class MeasureDeadlineMissed(HelpDeadlineEvent):
    name = "measure-deadline-missed"


MONITORING_EVENTS = (
    PlanApproved,
    MeasurePlanned,
    MeasureRequested,
    MeasureFunded,
    MeasureRecorded,
    MeasureCarriedOver,
    MeasureDeadlineNear,
    MeasureDeadlineMissed,
)
"""What monitoring says of measures."""


class ProviderEvent(EventData):
    """A provider's word on a measure that it was asked for."""

    service: ClassVar[str] = EVERY_SERVICE
    senders: ClassVar[tuple[str, ...]] = PROVIDERS
    household_id: str
    division: str
    measure_id: str
    on: date

    @classmethod
    def example(cls) -> Self:
        return cls(**_ANSWER, on=_DAY)


class MeasureAccepted(ProviderEvent):
    name = "measure-accepted"


class MeasureDeclined(ProviderEvent):
    """The provider cannot, and why by clause; the measure returns to its planner."""

    name = "measure-declined"
    findings: tuple[PublicFinding, ...] = ()


class MeasureStarted(ProviderEvent):
    name = "measure-started"


class MeasureCompleted(ProviderEvent):
    name = "measure-completed"


class MeasureStopped(ProviderEvent):
    name = "measure-stopped"
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(**_ANSWER, on=_DAY, reason="term-ended")


class MeasureContinuedTo(ProviderEvent):
    """After elimination, or by a renewal, the measure goes on to this day."""

    name = "measure-continued-to"
    continues_to: date

    @classmethod
    def example(cls) -> Self:
        return cls(**_ANSWER, on=_DAY, continues_to=date(2025, 6, 30))


PROVIDER_EVENTS: tuple[type[ProviderEvent], ...] = (
    MeasureAccepted,
    MeasureDeclined,
    MeasureStarted,
    MeasureCompleted,
    MeasureStopped,
    MeasureContinuedTo,
)
"""The contract that every provider of measures shares."""

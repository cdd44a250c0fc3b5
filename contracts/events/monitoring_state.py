"""The state that monitoring publishes to the five services: whole aggregates with their dated history.

Never a name, an id number, a phone, an account or a health detail; people are matched by `person_key`. Every
span is half open: `from_on` is its first day, `until_on` the first day on which it no longer holds.
"""

from datetime import date
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contracts.events.envelope import StateData
from contracts.month import Month

_HOUSEHOLD = "5f0d2c1e7b2a4a62b0a4c1d9e3f80701"
_THING = "c7d8e9fa0b1c4d2e8f3a4b5c6d7e8f01"
_VILLAGE = "150623100200"
_DAY = date(2023, 8, 1)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)


class DatedCode(_Part):
    """A code and the span in which it held; None where there was none (no site, no class)."""

    value: str | None
    from_on: date
    until_on: date | None


class MonitoredSpan(_Part):
    """A time under monitoring, by months as the national system has it; `how` it ended, by code."""

    since: Month
    ended: Month | None
    how: str | None
    kept: bool = False
    """An unstable relieved household that goes on being helped after its risk was eliminated (M-1.1.28)."""


class MemberState(_Part):
    member_id: str
    person_key: str | None
    relation: str
    sex: str | None
    birth_month: Month | None
    labour: str | None
    joined_on: date
    left_on: date | None
    """The first day on which the member is no longer counted."""
    successor_household_id: str | None
    successor_member_id: str | None
    """Where the person went on as a member, when the household split or merged."""


class SuccessorState(_Part):
    household_id: str
    how: str
    on: date


class HouseholdState(StateData):
    service: ClassVar[str] = "monitoring"
    kind: ClassVar[str] = "household"

    household_id: str
    registered_on: date
    divisions: tuple[DatedCode, ...]
    sites: tuple[DatedCode, ...]
    household_types: tuple[DatedCode, ...]
    monitored_classes: tuple[DatedCode, ...]
    monitored: tuple[MonitoredSpan, ...]
    risks: tuple[str, ...]
    members: tuple[MemberState, ...]
    ended_on: date | None
    ended_how: str | None
    successors: tuple[SuccessorState, ...]
    taken_over_on: date | None
    """The day on which its monitoring was taken over from the national system; not a decision of ours."""

    @classmethod
    def example(cls) -> Self:
        member = MemberState(
            member_id="a3c4e5f60718492ab3c4d5e6f7081901",
            person_key="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            relation="0",
            sex="2",
            birth_month=Month(1971, 5),
            labour="ordinary",
            joined_on=_DAY,
            left_on=None,
            successor_household_id=None,
            successor_member_id=None,
        )
        return cls(
            household_id=_HOUSEHOLD,
            registered_on=_DAY,
            divisions=(DatedCode(value=_VILLAGE, from_on=_DAY, until_on=None),),
            sites=(DatedCode(value=None, from_on=_DAY, until_on=None),),
            household_types=(DatedCode(value="relieved", from_on=_DAY, until_on=None),),
            monitored_classes=(DatedCode(value="unstable-relieved", from_on=_DAY, until_on=None),),
            monitored=(MonitoredSpan(since=Month(2022, 6), ended=None, how=None),),
            risks=("unstable-work",),
            members=(member,),
            ended_on=None,
            ended_how=None,
            successors=(),
            taken_over_on=_DAY,
        )


class SignalState(StateData):
    """A recorded signal; of one that tells health the kind is `other-hardship`."""

    service: ClassVar[str] = "monitoring"
    kind: ClassVar[str] = "signal"

    signal_id: str
    household_id: str
    source: str
    signal_kind: str
    recorded_on: date
    flag_id: str | None

    @classmethod
    def example(cls) -> Self:
        return cls(
            signal_id=_THING,
            household_id=_HOUSEHOLD,
            source="department-warning",
            signal_kind="tuition",
            recorded_on=_DAY,
            flag_id=None,
        )


class FlagState(StateData):
    """A flag and where it stands; rule `other-hardship` without period where they would tell health."""

    service: ClassVar[str] = "monitoring"
    kind: ClassVar[str] = "flag"

    flag_id: str
    household_id: str
    rule: str
    period: str | None
    state: str
    """`open`, `dismissed` or `case-opened`."""
    round: int
    opened_on: date
    closed_on: date | None

    @classmethod
    def example(cls) -> Self:
        return cls(
            flag_id=_THING,
            household_id=_HOUSEHOLD,
            rule="tuition",
            period="2022",
            state="open",
            round=1,
            opened_on=_DAY,
            closed_on=None,
        )


class CaseState(StateData):
    """A case of identification or elimination, and the step that waits."""

    service: ClassVar[str] = "monitoring"
    kind: ClassVar[str] = "case"

    case_id: str
    household_id: str
    procedure: str
    state: str
    """`open`, `completed`, `rejected`, `withdrawn` or `ended`."""
    step: str | None
    round: int
    green_channel: bool
    opened_on: date
    closed_on: date | None
    due_on: date
    """The last day of the limit as counted when it was opened; it moves while the limit stands still."""

    @classmethod
    def example(cls) -> Self:
        return cls(
            case_id=_THING,
            household_id=_HOUSEHOLD,
            procedure="identification",
            state="open",
            step="review",
            round=1,
            green_channel=False,
            opened_on=_DAY,
            closed_on=None,
            due_on=date(2023, 8, 16),
        )


class MeasureState(StateData):
    """A measure and how far it is; its provider reads here what it is asked for."""

    service: ClassVar[str] = "monitoring"
    kind: ClassVar[str] = "measure"

    measure_id: str
    household_id: str
    member_id: str | None
    category: str
    measure_kind: str
    provider: str
    state: str
    """`planned`, `requested`, `accepted`, `declined`, `started`, `completed` or `stopped`."""
    planned_on: date
    requested_on: date | None
    started_on: date | None
    ended_on: date | None
    continues_to: date | None

    @classmethod
    def example(cls) -> Self:
        return cls(
            measure_id=_THING,
            household_id=_HOUSEHOLD,
            member_id=None,
            category="employment",
            measure_kind="remedial",
            provider="employment",
            state="requested",
            planned_on=_DAY,
            requested_on=_DAY,
            started_on=None,
            ended_on=None,
            continues_to=None,
        )


STATES: tuple[type[StateData], ...] = (HouseholdState, SignalState, FlagState, CaseState, MeasureState)
"""Every kind of state that monitoring publishes."""

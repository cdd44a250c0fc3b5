"""The public events of monitoring: what happened to which household, in codes and ids only.

No body holds a name, a number, a health detail or a measured value. Where the source of a signal itself tells
health, kind, rule and finding are `other-hardship`, without clause, period, parameter or value. Code fields are
open strings with a published dictionary: a reader accepts codes it does not know.
"""

from datetime import date
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contracts.events.envelope import EventData

OTHER_HARDSHIP = "other-hardship"
"""The one public code of everything whose own name would tell a person's health."""

_VILLAGE, _NEXT_VILLAGE, _TOWN = "150623100200", "150623100201", "150623100"
_HOUSEHOLD = "5f0d2c1e7b2a4a62b0a4c1d9e3f80701"
_OTHER = "5f0d2c1e7b2a4a62b0a4c1d9e3f80702"
_MEMBER, _NEW_MEMBER = "a3c4e5f60718492ab3c4d5e6f7081901", "a3c4e5f60718492ab3c4d5e6f7081902"
_THING = "c7d8e9fa0b1c4d2e8f3a4b5c6d7e8f01"
_DAY = date(2024, 3, 12)


class MonitoringEvent(EventData):
    service: ClassVar[str] = "monitoring"


class HouseholdEvent(MonitoringEvent):
    """Something that concerns one household; keyed by it."""

    household_id: str
    division: str
    """The village of the household on that day."""


class HouseholdRegistered(HouseholdEvent):
    name = "household-registered"
    registered_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, registered_on=_DAY)


class HouseholdCorrected(HouseholdEvent):
    """What was recorded was changed; only the aspects are named (`member`, `risks`, `guarantees` …)."""

    name = "household-corrected"
    corrected_on: date
    aspects: tuple[str, ...]
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            corrected_on=_DAY,
            aspects=("guarantees",),
            reason="home-visit",
        )


class MemberJoined(HouseholdEvent):
    name = "member-joined"
    member_id: str
    joined_on: date
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, member_id=_MEMBER, joined_on=_DAY, reason="marriage")


class MemberLeft(HouseholdEvent):
    """From this day on the member is no longer counted in the household."""

    name = "member-left"
    member_id: str
    left_on: date
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, member_id=_MEMBER, left_on=_DAY, reason="marriage")


class MemberDied(HouseholdEvent):
    name = "member-died"
    member_id: str
    died_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, member_id=_MEMBER, died_on=_DAY)


class MemberPassed(BaseModel):
    """A person whose membership of one household ended and of another began: both memberships by id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    member_id: str
    new_member_id: str


class HouseholdSplit(MonitoringEvent):
    """Some members founded a new household; written under both keys."""

    name = "household-split"
    household_id: str
    new_household_id: str
    division: str
    new_division: str
    split_on: date
    members: tuple[MemberPassed, ...]
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            new_household_id=_OTHER,
            division=_VILLAGE,
            new_division=_VILLAGE,
            split_on=_DAY,
            members=(MemberPassed(member_id=_MEMBER, new_member_id=_NEW_MEMBER),),
            reason="own-household",
        )


class HouseholdMerged(MonitoringEvent):
    """A household ended in another, its named successor; written under both keys."""

    name = "household-merged"
    household_id: str
    into_household_id: str
    division: str
    into_division: str
    merged_on: date
    members: tuple[MemberPassed, ...]
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_OTHER,
            into_household_id=_HOUSEHOLD,
            division=_NEXT_VILLAGE,
            into_division=_VILLAGE,
            merged_on=_DAY,
            members=(MemberPassed(member_id=_NEW_MEMBER, new_member_id=_MEMBER),),
            reason="marriage",
        )


class HouseholdMoved(HouseholdEvent):
    """The household lives in another village of the county; `division` is the new one."""

    name = "household-moved"
    from_division: str
    moved_on: date
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_NEXT_VILLAGE,
            from_division=_VILLAGE,
            moved_on=_DAY,
            reason="resettlement",
        )


class HouseholdEnded(HouseholdEvent):
    """Nobody of it is left in the registry: it left the county, its last member died, or it was an error."""

    name = "household-ended"
    ended_on: date
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, ended_on=_DAY, reason="left-county")


class LiaisonAssigned(HouseholdEvent):
    """A liaison relation of a kind begins, or ends; the officer is not named in public."""

    name = "liaison-assigned"
    liaison_id: str
    relation: str
    from_on: date
    until_on: date | None

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            liaison_id=_THING,
            relation="liaison-cadre",
            from_on=_DAY,
            until_on=None,
        )


class VillageTeamChanged(MonitoringEvent):
    """Someone took up or left a place in a village's resident team."""

    name = "village-team-changed"
    division: str
    posting_id: str
    post: str
    change: str
    """`started` or `ended`."""
    changed_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(division=_VILLAGE, posting_id=_THING, post="first-secretary", change="started", changed_on=_DAY)


class VisitRecorded(HouseholdEvent):
    name = "visit-recorded"
    visit_id: str
    visited_on: date
    purpose: str

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, visit_id=_THING, visited_on=_DAY, purpose="routine")


class SignalRecorded(HouseholdEvent):
    """A sign of hardship from whatever source; who reported it is never told."""

    name = "signal-recorded"
    signal_id: str
    source: str
    kind: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            signal_id=_THING,
            source="department-warning",
            kind="tuition",
        )


class PublicParameter(BaseModel):
    """A line that policy drew, with the value that the finding used; never a value of the household."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    value: str | int | bool | tuple[str, ...]


class PublicFinding(BaseModel):
    """A finding as it may be published: by clause and code, without because and without measured value."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)

    clause: str | None
    code: str
    answer: str
    parameters: tuple[PublicParameter, ...] = ()


class HouseholdFlagged(HouseholdEvent):
    """A signal crossed its rule: one flag per household, rule and period; `round` above 1 is flagged again."""

    name = "household-flagged"
    flag_id: str
    rule: str
    period: str | None
    """The period that the rule judged, where it does not tell health."""
    round: int
    flagged_on: date
    findings: tuple[PublicFinding, ...]

    @classmethod
    def example(cls) -> Self:
        line = PublicParameter(key="monitoring.screening.tuition.school-year", value="10000.00")
        finding = PublicFinding(clause="M-1.1.2", code="tuition-above-line", answer="yes", parameters=(line,))
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            flag_id=_THING,
            rule="tuition",
            period="2023",
            round=1,
            flagged_on=_DAY,
            findings=(finding,),
        )


class FlagDismissed(HouseholdEvent):
    """An officer looked and found no case; only weightier evidence flags this rule and period again."""

    name = "flag-dismissed"
    flag_id: str
    rule: str
    dismissed_on: date
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD,
            division=_VILLAGE,
            flag_id=_THING,
            rule="tuition",
            dismissed_on=_DAY,
            reason="covered-by-grant",
        )


class IncidentReported(MonitoringEvent):
    """A sudden event at a place; each household that it touches gets a signal of its own."""

    name = "incident-reported"
    incident_id: str
    division: str
    kind: str
    occurred_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(incident_id=_THING, division=_VILLAGE, kind="fire", occurred_on=_DAY)


class ScreeningCompleted(MonitoringEvent):
    """A round of routine screening of a division is done."""

    name = "screening-completed"
    screening_id: str
    division: str
    day: date
    households: int
    flagged: int

    @classmethod
    def example(cls) -> Self:
        return cls(screening_id=_THING, division=_TOWN, day=_DAY, households=5600, flagged=12)


class ComparisonCompleted(MonitoringEvent):
    """A bureau's file is reconciled row by row: every row is matched, unmatched, ambiguous or rejected.

    Of a file that tells health the kind is `other-hardship`: flags that follow carry the same correlation.
    """

    name = "comparison-completed"
    comparison_id: str
    division: str
    kind: str
    rows: int
    matched: int
    unmatched: int
    ambiguous: int
    rejected: int
    flagged: int

    @classmethod
    def example(cls) -> Self:
        return cls(
            comparison_id=_THING,
            division=_TOWN,
            kind="tuition",
            rows=400,
            matched=390,
            unmatched=6,
            ambiguous=1,
            rejected=3,
            flagged=9,
        )


class HouseholdCount(BaseModel):
    """Households of one type and one monitored class (`none` where not monitored)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    household_type: str
    monitored_class: str
    households: int


class EventCount(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str
    events: int


class TotalsPublished(MonitoringEvent):
    """The day's totals of one division, for a reader to reconcile with; keyed by `division/<code>`."""

    name = "totals-published"
    division: str
    day: date
    households: tuple[HouseholdCount, ...]
    open_flags: int
    open_cases: int
    events: tuple[EventCount, ...]

    @classmethod
    def example(cls) -> Self:
        return cls(
            division=_VILLAGE,
            day=_DAY,
            households=(
                HouseholdCount(household_type="ordinary", monitored_class="none", households=281),
                HouseholdCount(household_type="relieved", monitored_class="unstable-relieved", households=4),
            ),
            open_flags=3,
            open_cases=0,
            events=(EventCount(type=HouseholdFlagged.type(), events=2),),
        )


EVENTS: tuple[type[MonitoringEvent], ...] = (
    HouseholdRegistered,
    HouseholdCorrected,
    MemberJoined,
    MemberLeft,
    MemberDied,
    HouseholdSplit,
    HouseholdMerged,
    HouseholdMoved,
    HouseholdEnded,
    LiaisonAssigned,
    VillageTeamChanged,
    VisitRecorded,
    SignalRecorded,
    HouseholdFlagged,
    FlagDismissed,
    IncidentReported,
    ScreeningCompleted,
    ComparisonCompleted,
    TotalsPublished,
)
"""Every public event of monitoring."""

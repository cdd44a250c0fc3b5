"""The household of the registry and its life (architecture.md, decision 10; M-1.1.4).

Every command names its day and, where people decide, a reason code; it changes the aggregate once (`version`) and
collects the public events that tell it. History answers "as of that day". Registration stands in registration.py,
splits and merges, which concern two households, in split_and_merge.py, and the state for others in
household_state.py.
"""

from dataclasses import dataclass, field, replace
from datetime import date

from contracts.events.envelope import EventData, Raised
from contracts.events.monitoring import (
    HouseholdCorrected,
    HouseholdEnded,
    HouseholdMoved,
    MemberDied,
    MemberJoined,
    MemberLeft,
)
from contracts.month import Month
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import Guarantees, Monitored, MonitoringEnd, Risk, TakenOver
from services.monitoring.domain.codes import DIED, DIED_OUT, MERGED, SPLIT, HouseholdType, MonitoredClass, reason_code
from services.monitoring.domain.history import History
from services.monitoring.domain.household_details import (
    HouseholdDetails,
    changed_aspects,
    details_errors,
    division_errors,
)
from services.monitoring.domain.ids import HouseholdId, MemberId, household_key
from services.monitoring.domain.member import Member, MemberDetails, NewMember, Succession, member_errors
from services.monitoring.domain.membership import changed_members, check_members, find_member


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A household in which (part of) this one goes on; `how` is `split` or `merged`."""

    household_id: HouseholdId
    how: str
    on: date


@dataclass(slots=True, kw_only=True)
class Household:
    id: HouseholdId
    registered_on: date
    national_no: str | None
    divisions: History[str]
    sites: History[str | None]
    types: History[HouseholdType]
    classes: History[MonitoredClass | None]
    members: tuple[Member, ...]
    monitored: tuple[Monitored, ...] = ()
    risks: tuple[Risk, ...] = ()
    guarantees: Guarantees = field(default_factory=Guarantees)
    ended: Ending | None = None
    successors: tuple[Successor, ...] = ()
    taken_over: TakenOver | None = None
    version: int = 0
    events: list[Raised] = field(default_factory=list, compare=False, repr=False)

    # As of a day

    def division_on(self, day: date) -> str:
        """Its village on a day; before it was registered, as first recorded."""
        return self.divisions.on(day) or self.divisions.spans[0].value

    def type_on(self, day: date) -> HouseholdType:
        """Its type on a day; before it was registered, as first recorded."""
        return self.types.on(day) or self.types.spans[0].value

    def class_on(self, day: date) -> MonitoredClass | None:
        """The monitored class recorded for a day; whether monitoring ran is `monitored_on`."""
        return self.classes.on(day)

    def monitored_on(self, day: date) -> bool:
        return any(span.holds(Month.of(day)) for span in self.monitored)

    def is_helped(self, day: date) -> bool:
        """Monitored, or kept after its risk was eliminated (M-1.1.28)."""
        return self.monitored_on(day) or (bool(self.monitored) and self.monitored[-1].kept and self.ended is None)

    def members_on(self, day: date) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.present_on(day))

    @property
    def present_members(self) -> tuple[Member, ...]:
        """Those of whom no leaving is recorded."""
        return tuple(member for member in self.members if member.present)

    @property
    def division(self) -> str:
        return self.divisions.present

    @property
    def details(self) -> HouseholdDetails:
        return HouseholdDetails(
            household_type=self.types.present,
            national_no=self.national_no,
            resettlement_site=self.sites.present,
            risks=self.risks,
            guarantees=self.guarantees,
        )

    def member(self, member_id: MemberId) -> Member:
        """A present or former member; raises MemberUnknown."""
        return find_member(self.members, member_id)

    # Corrections

    def correct(self, *, details: HouseholdDetails, on: date, reason: str) -> None:
        """Record other details, type and site from a day on; nothing happens when nothing differs."""
        self.refuse_before(on)
        reason = reason_code("correction-reasons", reason, on)
        if found := details_errors(details, on):
            raise errors.InvalidHousehold(errors=found)
        aspects = changed_aspects(self.details, details)
        if not aspects:
            return
        sites = self.sites.changed(details.resettlement_site, on)
        self.types = self.types.changed(details.household_type, on)
        self.sites, self.national_no = sites, details.national_no
        self.risks, self.guarantees = details.risks, details.guarantees
        self._record_correction(aspects, on, reason)

    def correct_member(self, *, member_id: MemberId, details: MemberDetails, on: date, reason: str) -> None:
        """Record other details of a present or former member; nothing happens when nothing differs."""
        self.refuse_before(on)
        reason = reason_code("correction-reasons", reason, on)
        member = self.member(member_id)
        if found := member_errors(details, on, "/member"):
            raise errors.InvalidHousehold(errors=found)
        if details == member.details:
            return
        self.members = changed_members(self.members, {member_id: replace(member, details=details)}, on)
        self._record_correction(("member",), on, reason)

    def change_head(self, *, succession: Succession, on: date, reason: str) -> None:
        """Another present member becomes head; the former head's relation must be restated."""
        self.refuse_before(on)
        reason = reason_code("correction-reasons", reason, on)
        self.members = changed_members(self.members, {}, on, succession)
        self._record_correction(("head",), on, reason)

    def take_over_monitoring(self, *, origin: TakenOver, monitored_class: MonitoredClass, monitored: Monitored) -> None:
        """The national system says since when, in which class and until when this household is monitored.

        A span that began in the same month is replaced. State only: it is no decision of ours. Raises
        MonitoringOverlaps when another span covers part of it, DayBeforeHistory for the class of a span between others.
        """
        self.refuse_if_ended()
        others = tuple(span for span in self.monitored if span.since != monitored.since)
        if any(span.overlaps(monitored) for span in others):
            raise errors.MonitoringOverlaps
        first_day, newest = monitored.since.first_day, self.classes.spans[-1]
        if newest.value is None and first_day < newest.from_on:
            self.classes = History.starting(monitored_class, first_day)
        elif any(span.since > monitored.since for span in others):
            self.classes = self.classes.preceded(monitored_class, first_day)
        else:
            self.classes = self.classes.changed(monitored_class, max(first_day, newest.from_on))
        self.monitored = tuple(sorted((*others, monitored), key=lambda span: span.since))
        self.taken_over = origin
        self.record()

    # The life of the household

    def join(self, *, member: NewMember, on: date, reason: str) -> None:
        """A person is counted from a day on: born, married in, come home."""
        self.refuse_before(on)
        joined = MemberJoined(
            household_id=self.id,
            division=self.division,
            member_id=member.id,
            joined_on=on,
            reason=reason_code("member-join-reasons", reason, on),
        )
        if found := member_errors(member.details, on, "/member"):
            raise errors.InvalidHousehold(errors=found)
        members = (*self.members, Member(id=member.id, details=member.details, joined_on=on))
        check_members(members)
        self.members = members
        self.record(joined)

    def leave(self, *, member_id: MemberId, on: date, reason: str, succession: Succession | None = None) -> None:
        """A member is no longer counted from a day on. The last one cannot leave: the household is ended."""
        left = self.departed(member_id, on, reason_code("member-leave-reasons", reason, on))
        if len(self.present_members) == 1:
            raise errors.LastMemberLeaves
        self.members = changed_members(self.members, {member_id: left}, on, succession)
        self.record(
            MemberLeft(household_id=self.id, division=self.division, member_id=member_id, left_on=on, reason=reason)
        )

    def die(self, *, member_id: MemberId, on: date, succession: Succession | None = None) -> None:
        """A member died. With the last member the household ends, by its own act."""
        left = self.departed(member_id, on, DIED)
        died = MemberDied(household_id=self.id, division=self.division, member_id=member_id, died_on=on)
        if len(self.present_members) == 1:
            self.members = tuple(left if member.id == member_id else member for member in self.members)
            self.close(on=on, reason=DIED_OUT, how=MonitoringEnd.LEFT)
            self.record(died, self._ended_event(on, DIED_OUT))
            return
        self.members = changed_members(self.members, {member_id: left}, on, succession)
        self.record(died)

    def move(self, *, to_division: str, on: date, reason: str) -> None:
        """The whole household moves to another village; rights to earlier records stay with the former one."""
        self.refuse_before(on)
        if found := division_errors(to_division):
            raise errors.InvalidHousehold(errors=found)
        if to_division == self.division:
            raise errors.AlreadyThere
        moved = HouseholdMoved(
            household_id=self.id,
            division=to_division,
            from_division=self.division,
            moved_on=on,
            reason=reason_code("household-change-reasons", reason, on),
        )
        self.divisions = self.divisions.changed(to_division, on)
        self.record(moved)

    def end(self, *, on: date, reason: str) -> None:
        """The whole household leaves the county, or the registry, without successor; monitoring ends by its own act."""
        self.refuse_before(on)
        if reason in {SPLIT, MERGED}:
            raise errors.InvalidReason
        ended = self._ended_event(on, reason_code("household-end-reasons", reason, on))
        self.close(on=on, reason=reason, how=MonitoringEnd.LEFT)
        self.record(ended)

    # What commands share

    def record(self, *told: EventData) -> None:
        """One change is done: the version rises by one, and the events that tell it wait for the outbox."""
        self.version += 1
        self.events += [
            Raised(
                data=data,
                key=household_key(self.id),
                subject=self.id,
                division=self.division,
                state_version=self.version,
            )
            for data in told
        ]

    def departed(self, member_id: MemberId, on: date, reason: str) -> Member:
        """The present member as he or she stands once gone. Raises MemberUnknown or DayBeforeHistory."""
        self.refuse_before(on)
        member = self.member(member_id)
        if not member.present:
            raise errors.MemberUnknown
        if on < member.joined_on:
            raise errors.DayBeforeHistory
        return replace(member, left_on=on, left_reason=reason)

    def close(self, *, on: date, reason: str, how: MonitoringEnd) -> None:
        """Let everyone who is left go, end monitoring and mark the household as ended."""
        gone = {member.id: self.departed(member.id, on, reason) for member in self.present_members}
        month = Month.of(on)
        self.members = tuple(gone.get(member.id, member) for member in self.members)
        self.monitored = tuple(
            replace(span, ended=max(month, span.since), how=how) if span.ended is None else span
            for span in self.monitored
        )
        self.ended = Ending(on=on, reason=reason)

    def refuse_if_ended(self) -> None:
        if self.ended is not None:
            raise errors.HouseholdHasEnded

    def refuse_before(self, on: date) -> None:
        """Nothing happens to an ended household, nor before it was registered."""
        self.refuse_if_ended()
        if on < self.registered_on:
            raise errors.DayBeforeHistory

    def _record_correction(self, aspects: tuple[str, ...], on: date, reason: str) -> None:
        self.record(
            HouseholdCorrected(
                household_id=self.id,
                division=self.division,
                corrected_on=on,
                aspects=aspects,
                reason=reason,
            )
        )

    def _ended_event(self, on: date, reason: str) -> HouseholdEnded:
        return HouseholdEnded(household_id=self.id, division=self.division, ended_on=on, reason=reason)

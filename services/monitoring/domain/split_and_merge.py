"""Two households at once: some members found a new one, or one household ends in another.

Monitoring is never lost on the way: a new household of a monitored one is monitored from the same month in the same
class with the same risks, and a household into which a monitored one merges goes on being monitored. Every person
is counted in exactly one of the two on every day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from contracts.events import monitoring as events
from services.monitoring.domain import codes, errors
from services.monitoring.domain.circumstances import Monitored, MonitoringEnd
from services.monitoring.domain.household import Household, Successor
from services.monitoring.domain.household_details import HouseholdDetails
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.member import Member, Mover, NewMember, Passage, Succession
from services.monitoring.domain.membership import changed_members, check_members
from services.monitoring.domain.registration import found


def split(
    origin: Household,
    *,
    new_id: HouseholdId,
    movers: Sequence[Mover],
    on: date,
    reason: str,
    succession: Succession | None = None,
    division: str | None = None,
) -> Household:
    """Some present members found a household of their own, in the same village unless another is given.

    Type, and where it runs monitoring with its risks, are inherited; guarantees are unknown until somebody looks.
    When the head moves out, `succession` names who follows. Raises NothingToSplit, HeadMissing, MemberUnknown.
    """
    origin.refuse_before(on)
    reason = codes.reason_code("household-change-reasons", reason, on)
    moving = {mover.member_id for mover in movers}
    staying = {member.id for member in origin.present_members} - moving
    if not moving or len(moving) != len(movers) or not staying:
        raise errors.NothingToSplit
    gone = _passed(origin, new_id, movers, on, codes.SPLIT)
    new = found(
        household_id=new_id,
        division=division or origin.division,
        details=HouseholdDetails(household_type=origin.types.present, risks=origin.risks),
        members=_arriving(origin, movers),
        on=on,
    )
    origin.members = changed_members(origin.members, gone, on, succession)
    _inherit_monitoring(new, origin, on)
    origin.successors = (*origin.successors, Successor(household_id=new_id, how=codes.SPLIT, on=on))
    told = events.HouseholdSplit(
        household_id=origin.id,
        new_household_id=new_id,
        division=origin.division,
        new_division=new.division,
        split_on=on,
        members=_told(movers),
        reason=reason,
    )
    origin.record(told)
    new.record(told)
    return new


def merge(absorbed: Household, into: Household, *, movers: Sequence[Mover], on: date, reason: str) -> None:
    """A household ends in another: all present members go on there, under its head.

    Raises MergeWithItself, NothingToSplit when not everybody is named once, HeadMissing, PersonAlreadyMember.
    """
    if absorbed.id == into.id:
        raise errors.MergeWithItself
    absorbed.refuse_before(on)
    into.refuse_before(on)
    reason = codes.reason_code("household-change-reasons", reason, on)
    moving = [mover.member_id for mover in movers]
    if sorted(moving) != sorted(member.id for member in absorbed.present_members):
        raise errors.NothingToSplit
    gone = _passed(absorbed, into.id, movers, on, codes.MERGED)
    joined = tuple(Member(id=new.id, details=new.details, joined_on=on) for new in _arriving(absorbed, movers))
    members = (*into.members, *joined)
    check_members(members)
    into.members = members
    _inherit_monitoring(into, absorbed, on)
    absorbed.members = tuple(gone.get(member.id, member) for member in absorbed.members)
    absorbed.close(on=on, reason=codes.MERGED, how=MonitoringEnd.MERGED)
    absorbed.successors = (*absorbed.successors, Successor(household_id=into.id, how=codes.MERGED, on=on))
    told = events.HouseholdMerged(
        household_id=absorbed.id,
        into_household_id=into.id,
        division=absorbed.division,
        into_division=into.division,
        merged_on=on,
        members=_told(movers),
        reason=reason,
    )
    absorbed.record(told)
    into.record(told)


def _passed(
    origin: Household, to: HouseholdId, movers: Sequence[Mover], on: date, reason: str
) -> dict[MemberId, Member]:
    if {mover.new_id for mover in movers} & {member.id for member in origin.members}:
        raise errors.PersonAlreadyMember
    return {
        mover.member_id: replace(
            origin.departed(mover.member_id, on, reason),
            passed_to=Passage(household_id=to, member_id=mover.new_id),
        )
        for mover in movers
    }


def _arriving(origin: Household, movers: Sequence[Mover]) -> list[NewMember]:
    return [
        NewMember(
            id=mover.new_id,
            details=replace(origin.member(mover.member_id).details, relation=mover.relation),
        )
        for mover in movers
    ]


def _told(movers: Sequence[Mover]) -> tuple[events.MemberPassed, ...]:
    return tuple(events.MemberPassed(member_id=mover.member_id, new_member_id=mover.new_id) for mover in movers)


def _inherit_monitoring(heir: Household, origin: Household, on: date) -> None:
    """Let a running monitoring go on in the heir, unless one runs there already; its risks are added in any case.

    The clock is not set back by it: the month of identification stays, unless the heir itself was monitored then.
    """
    running = [span for span in origin.monitored if span.ended is None]
    if not running:
        return
    known = {risk.code for risk in heir.risks}
    heir.risks = (*heir.risks, *(risk for risk in origin.risks if risk.code not in known))[: codes.MAX_RISKS]
    if any(span.ended is None for span in heir.monitored):
        return
    since = max([running[0].since, *(span.ended for span in heir.monitored if span.ended)])
    heir.monitored = (*heir.monitored, Monitored(since=since))
    heir.classes = heir.classes.changed(origin.classes.present, max(on, heir.classes.spans[-1].from_on))
    heir.taken_over = heir.taken_over or origin.taken_over

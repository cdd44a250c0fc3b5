"""The state of a household as of a day: what began later is left out, what ended later had not ended.

Only what is dated can be cut so; risks and members' other attributes stay as they are known now.
"""

from datetime import date

from contracts.events.monitoring_state import DatedCode, HouseholdState, MemberState, MonitoredSpan
from contracts.month import Month


def as_of(state: HouseholdState, day: date) -> HouseholdState:
    """The state with every span, membership, succession and end after the day undone."""
    ended = state.ended_on is not None and state.ended_on <= day
    return state.model_copy(
        update={
            "divisions": _begun(state.divisions, day),
            "sites": _begun(state.sites, day),
            "household_types": _begun(state.household_types, day),
            "monitored_classes": _begun(state.monitored_classes, day),
            "monitored": tuple(_monitored(span, day) for span in state.monitored if span.since <= Month.of(day)),
            "members": tuple(_member(member, day) for member in state.members if member.joined_on <= day),
            "ended_on": state.ended_on if ended else None,
            "ended_how": state.ended_how if ended else None,
            "successors": tuple(successor for successor in state.successors if successor.on <= day),
        }
    )


def _begun(spans: tuple[DatedCode, ...], day: date) -> tuple[DatedCode, ...]:
    return tuple(
        span if span.until_on is None or span.until_on <= day else span.model_copy(update={"until_on": None})
        for span in spans
        if span.from_on <= day
    )


def _monitored(span: MonitoredSpan, day: date) -> MonitoredSpan:
    """In the month in which monitoring ended the household still counted, and its end was not known."""
    if span.ended is None or span.ended < Month.of(day):
        return span
    return span.model_copy(update={"ended": None, "how": None})


def _member(member: MemberState, day: date) -> MemberState:
    if member.left_on is None or member.left_on <= day:
        return member
    return member.model_copy(update={"left_on": None, "successor_household_id": None, "successor_member_id": None})

"""What the other services learn of a household: everything they decide with, and nothing that names a person."""

from typing import Any

from contracts.events.envelope import State
from contracts.events.monitoring_state import (
    DatedCode,
    HouseholdState,
    MemberState,
    MonitoredSpan,
    SuccessorState,
)
from contracts.month import Month
from services.monitoring.domain.history import History
from services.monitoring.domain.household import Household
from services.monitoring.domain.member import Member


def household_state(household: Household) -> State:
    """The whole present state with its dated history. Former members stay in it: history must answer."""
    data = HouseholdState(
        household_id=household.id,
        registered_on=household.registered_on,
        divisions=_dated(household.divisions),
        sites=_dated(household.sites),
        household_types=_dated(household.types),
        monitored_classes=_dated(household.classes),
        monitored=tuple(
            MonitoredSpan(since=span.since, ended=span.ended, how=span.how, kept=span.kept)
            for span in household.monitored
        ),
        risks=tuple(risk.code for risk in household.risks),
        members=tuple(map(_member, household.members)),
        ended_on=household.ended.on if household.ended else None,
        ended_how=household.ended.reason if household.ended else None,
        successors=tuple(
            SuccessorState(household_id=successor.household_id, how=successor.how, on=successor.on)
            for successor in household.successors
        ),
        taken_over_on=household.taken_over.on if household.taken_over else None,
    )
    return State(
        data=data,
        kind=HouseholdState.kind,
        id=household.id,
        version=household.version,
        division=household.division,
    )


def _dated(history: History[Any]) -> tuple[DatedCode, ...]:
    return tuple(DatedCode(value=span.value, from_on=span.from_on, until_on=span.until_on) for span in history.spans)


def _member(member: Member) -> MemberState:
    born = member.details.birth_date
    return MemberState(
        member_id=member.id,
        person_key=member.details.person_key,
        relation=member.details.relation,
        sex=member.details.sex_code,
        birth_month=Month.of(born) if born else None,
        labour=member.details.labour,
        joined_on=member.joined_on,
        left_on=member.left_on,
        successor_household_id=member.passed_to.household_id if member.passed_to else None,
        successor_member_id=member.passed_to.member_id if member.passed_to else None,
    )

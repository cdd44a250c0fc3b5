"""Commands of a household's life: each loads, changes and saves one or two households in one unit of work.

A household that splits, merges or ends takes along its liaison relations, measures and open case. A day after today is
refused: a registry records what has happened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.division import Division, Level
from contracts.month import policy_day
from services.monitoring.domain import errors
from services.monitoring.domain.codes import DIED
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.member import Mover, Succession
from services.monitoring.domain.split_and_merge import merge, split
from services.monitoring.storage import cases, households, liaisons, measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A household as the caller saw it: its version, and the division in which the caller may act."""

    household_id: HouseholdId
    version: int
    within: str


async def change_household(uow: UnitOfWork, *, seen: Seen, on: date, change: Callable[[Household], None]) -> Household:
    """One household after a change from a day on; a change that changed nothing writes nothing.

    Raises Missing, Stale, DayInFuture, and whatever the change refuses.
    """
    refuse_future(uow, on)
    household = await households.load(uow, seen.household_id, within=seen.within, expected_version=seen.version)
    present = {member.id for member in household.present_members}
    change(household)
    if household.version != seen.version:
        await households.save(uow, [household], on=on)
        for member in household.members:
            if member.id in present and member.left_reason == DIED:
                await measures.end_with(uow, household, member.id, on)
        if household.ended is not None:
            await liaisons.end_with(uow, household, on)
            await measures.end_with(uow, household, None, on)
            for case in await cases.open_of(uow, [household.id]):
                case.end_with_household(by=uow.person, on=policy_day(uow.business_now))
                await cases.save(uow, case)
    return household


async def move_household(uow: UnitOfWork, *, seen: Seen, to_division: str, on: date, reason: str) -> Household:
    """The household moves to another village of its county. Raises OutsideCounty too."""

    def move(household: Household) -> None:
        _refuse_outside_county(household, to_division)
        household.move(to_division=to_division, on=on, reason=reason)

    return await change_household(uow, seen=seen, on=on, change=move)


async def split_household(
    uow: UnitOfWork,
    *,
    seen: Seen,
    relations: Mapping[MemberId, str],
    division: str | None,
    succession: Succession | None,
    on: date,
    reason: str,
) -> tuple[Household, Household]:
    """The origin and the new household of the named members, with their relations to its head."""
    refuse_future(uow, on)
    origin = await households.load(uow, seen.household_id, within=seen.within, expected_version=seen.version)
    _refuse_outside_county(origin, division or origin.division)
    new = split(
        origin,
        new_id=HouseholdId(str(uuid4())),
        movers=_movers(relations),
        on=on,
        reason=reason,
        succession=succession,
        division=division,
    )
    await households.add(uow, [new])
    await households.save(uow, [origin], on=on)
    await liaisons.pass_on(uow, origin, new, on)
    await measures.follow(uow, origin, new)
    return origin, new


async def merge_households(
    uow: UnitOfWork, *, seen: Seen, into: Seen, relations: Mapping[MemberId, str], on: date, reason: str
) -> tuple[Household, Household]:
    """The household that ended and the one in which it goes on; the caller may act in the villages of both."""
    refuse_future(uow, on)
    if seen.household_id == into.household_id:
        raise errors.MergeWithItself
    absorbed, heir = await households.load_both(
        uow, (seen.household_id, seen.version), (into.household_id, into.version), within=seen.within
    )
    merge(absorbed, heir, movers=_movers(relations), on=on, reason=reason)
    await households.save(uow, [absorbed, heir], on=on)
    await liaisons.end_with(uow, absorbed, on)
    await measures.follow(uow, absorbed, heir)
    await _pass_case(uow, absorbed, heir)
    return absorbed, heir


async def _pass_case(uow: UnitOfWork, absorbed: Household, heir: Household) -> None:
    """An open case goes on in the successor, or ends where that has one of its own."""
    today = policy_day(uow.business_now)
    found = await cases.open_of(uow, [absorbed.id, heir.id])
    taken = any(case.household_id == heir.id for case in found)
    for case in found:
        if case.household_id == absorbed.id:
            if taken:
                case.end_with_household(by=uow.person, on=today)
            else:
                case.pass_to(heir.id, heir.division, by=uow.person, on=today)
            await cases.save(uow, case)


def refuse_future(uow: UnitOfWork, on: date) -> None:
    """Raises DayInFuture for a policy day after today."""
    if on > policy_day(uow.business_now):
        raise errors.DayInFuture


def _refuse_outside_county(household: Household, division: str) -> None:
    if not Division(household.division).at(Level.COUNTY).contains(division):
        raise errors.OutsideCounty


def _movers(relations: Mapping[MemberId, str]) -> list[Mover]:
    return [
        Mover(member_id=member_id, new_id=MemberId(str(uuid4())), relation=relation)
        for member_id, relation in relations.items()
    ]

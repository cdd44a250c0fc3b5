"""Say which officers stand by a household, or by every household of a village (M-1.1.6, M-1.3.6)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.errors import Stale
from services.monitoring.commands.change_household import refuse_future
from services.monitoring.domain import errors
from services.monitoring.domain.ids import HouseholdId, LiaisonId
from services.monitoring.domain.liaison import Liaison, Relation, assign, closed
from services.monitoring.storage import households, liaisons


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    version: int
    begun: tuple[LiaisonId, ...]
    ended: tuple[LiaisonId, ...]


async def set_liaison(
    uow: UnitOfWork,
    *,
    household_id: HouseholdId,
    within: str,
    expected_version: int,
    wanted: Collection[tuple[Relation, str]],
    on: date,
) -> Assigned:
    """From a day on exactly these officers stand by the household, each in a relation.

    Those who run on stay as they are, others end, new ones begin; one that began on the very day is withdrawn.
    Raises Missing, Stale, DayInFuture, HouseholdHasEnded, DayBeforeHistory, InvalidRelation, RelationOverlaps.
    """
    refuse_future(uow, on)
    household = await households.load(uow, household_id, within=within)
    if await liaisons.version_of(uow.driver, household_id) != expected_version:
        raise Stale
    household.refuse_before(on)
    known = await liaisons.of_household(uow.driver, household_id)
    running = [one for one in known if one.until_on is None or on < one.until_on]
    ended = [closed(one, on) for one in running if (one.relation, one.officer_sub) not in wanted]
    kept = {(one.relation, one.officer_sub) for one in running}
    begun = [
        Liaison(id=LiaisonId(str(uuid4())), household_id=household_id, relation=relation, officer_sub=sub, from_on=on)
        for relation, sub in sorted(set(wanted) - kept)
    ]
    for one in begun:
        assign(known, one)
    await liaisons.end(uow, ended, household.division)
    await liaisons.add(uow, begun, household.division)
    return Assigned(
        version=await liaisons.version_of(uow.driver, household_id),
        begun=tuple(one.id for one in begun),
        ended=tuple(one.id for one in ended),
    )


async def assign_village(
    uow: UnitOfWork, *, village: str, relation: Relation, officer_sub: str, on: date, others_end: bool
) -> tuple[int, int]:
    """One officer stands by every household of a village from a day on; how many relations began and ended.

    Raises DayInFuture, and InvalidRelation without an officer.
    """
    refuse_future(uow, on)
    if not officer_sub:
        raise errors.InvalidRelation
    return await liaisons.assign_village(
        uow, village=village, relation=relation, officer_sub=officer_sub, from_on=on, others_end=others_end
    )

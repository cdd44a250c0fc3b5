"""Record an income entry of a household or one of its members; a correction replaces and keeps what stood before."""

from dataclasses import dataclass

from chassis.unit_of_work import UnitOfWork
from contracts.month import Month
from services.monitoring.domain import errors
from services.monitoring.domain.income import IncomeEntry, recorded
from services.monitoring.storage import households, incomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`entry_id` None: an equal entry stands already, and nothing changed."""

    entry_id: str | None
    replaced: bool


async def record_income(uow: UnitOfWork, *, entry: IncomeEntry, within: str) -> Recorded:
    """Record what a source says. Raises Missing, MemberUnknown, InvalidIncome, or DayInFuture for months to come."""
    household = await households.load(uow, entry.key.household_id, within=within)
    if entry.key.member_id is not None:
        household.member(entry.key.member_id)
    if entry.key.last > Month.of(entry.recorded_on):
        raise errors.DayInFuture
    known = await incomes.standing(uow.driver, [entry.key.household_id])
    after = recorded(known, entry)
    if len(after) == len(known):
        return Recorded(entry_id=None, replaced=False)
    replaced = any(not each.stands for each in after)
    ids = await incomes.add(uow, [(entry, household.division)])
    return Recorded(entry_id=ids[0], replaced=replaced)

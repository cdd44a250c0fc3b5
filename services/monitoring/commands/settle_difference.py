"""Settle a difference between a national file and the registry: take over the file's word, or keep the recorded one."""

from datetime import date
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from services.monitoring.commands.record_income import record_income
from services.monitoring.domain import errors
from services.monitoring.domain.codes import reason_code
from services.monitoring.domain.household import Household
from services.monitoring.domain.national_differences import (
    Difference,
    DifferenceKind,
    accepted_household,
    accepted_income,
    accepted_member,
)
from services.monitoring.storage import households, import_differences

KEPT, ACCEPTED = "kept", "accepted"
_TAKEN_OVER = "import-difference"


async def keep(uow: UnitOfWork, *, difference_id: UUID, reason: str, on: date, within: str) -> None:
    """The registry keeps what it has. Raises Missing, DifferenceIsSettled, InvalidReason."""
    reason = reason_code("difference-reasons", reason, on)
    if await import_differences.load_open(uow, difference_id, within) is None:
        raise Missing
    await import_differences.settle(uow, difference_id, state=KEPT, reason=reason, on=on)


async def accept(uow: UnitOfWork, *, difference_id: UUID, on: date, within: str) -> Household:
    """The registry takes over what the file says, as a correction with its event and version.

    Raises Missing, DifferenceIsSettled, NotForAccepting, and what the correction itself refuses.
    """
    found = await import_differences.load_open(uow, difference_id, within)
    if found is None:
        raise Missing
    household = await households.load(uow, found.household_id, within=within)
    entry = accepted_income(found.difference, household, on)
    if entry is not None:
        await record_income(uow, entry=entry, within=within)
    else:
        _correct(household, found.difference, on)
        await households.save(uow, [household], on=on)
    await import_differences.settle(uow, difference_id, state=ACCEPTED, reason=_TAKEN_OVER, on=on)
    return household


def _correct(household: Household, difference: Difference, on: date) -> None:
    if difference.kind in (DifferenceKind.MEMBER_UNKNOWN, DifferenceKind.MEMBER_NOT_IN_FILE):
        raise errors.NotForAccepting
    if difference.member_id is None:
        details = accepted_household(difference, household.details, on)
        household.correct(details=details, on=on, reason=_TAKEN_OVER)
    else:
        known = household.member(difference.member_id).details
        details_of_member = accepted_member(difference, known)
        household.correct_member(member_id=difference.member_id, details=details_of_member, on=on, reason=_TAKEN_OVER)

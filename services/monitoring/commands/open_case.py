"""Open a case from a flag, a clue or an incident (M-1.1.3, M-1.1.5): one open case per household, flags taken up."""

from datetime import date
from uuid import uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.decision import ParameterUsed
from contracts.errors import Missing
from contracts.parameters import ParameterBook
from services.monitoring.domain import errors
from services.monitoring.domain.case import IDENTIFICATION, Case
from services.monitoring.domain.case_parts import EliminationRequest, Limits, Origin
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import CaseId, HouseholdId
from services.monitoring.storage import cases, flags, households

ORDER = "monitoring.case.order"
TOTAL_DAYS, NEAR_DAYS = "monitoring.case.total-days", "monitoring.case.near-days"
_ORIGINS = {
    "flag": "select exists (select from flag where id = $1 and household_id = $2)",
    "signal": "select exists (select from signal where id = $1 and household_id = $2)",
    "incident": "select exists (select from signal where incident_id = $1 and household_id = $2)",
}


async def open_identification(
    uow: UnitOfWork, *, household_id: HouseholdId, origin: Origin, within: str, on: date, book: ParameterBook
) -> Case:
    """A case of identification. Raises Missing, HouseholdHasEnded, AlreadyMonitored, CaseIsOpen, ParameterMissing."""
    household = await households.load(uow, household_id, within=within)
    household.refuse_if_ended()
    if household.monitored and household.monitored[-1].ended is None:
        raise errors.AlreadyMonitored
    if not await uow.driver.fetchval(_ORIGINS[origin.kind], origin.id, household_id):
        raise Missing
    return await begin(uow, household, IDENTIFICATION, origin, on=on, book=book)


async def begin(
    uow: UnitOfWork,
    household: Household,
    procedure: str,
    origin: Origin,
    *,
    on: date,
    book: ParameterBook,
    elimination: EliminationRequest | None = None,
) -> Case:
    """A case of either procedure, in the order and with the limit of its day. Raises CaseIsOpen."""
    taken_up = await flags.open_of(uow, household.id) if procedure == IDENTIFICATION else []
    for flag in taken_up:
        flag.answered_by_case(on=on)
    division = household.division
    case = Case.open(
        case_id=CaseId(str(uuid4())),
        household_id=household.id,
        division=division,
        procedure_name=procedure,
        order=str(book.find(ORDER, on, division).value),
        origin=origin,
        limits=Limits(
            total=ParameterUsed.of(book.find(TOTAL_DAYS, on, division)),
            near=ParameterUsed.of(book.find(NEAR_DAYS, on, division)),
        ),
        by=uow.person,
        on=on,
        flags=[flag.id for flag in taken_up],
        elimination=elimination,
    )
    await cases.save(uow, case)
    if taken_up:
        await flags.save(uow, taken_up)
    return case

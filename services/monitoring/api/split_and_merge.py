"""Splits and mergers over HTTP: two households, one command, both keys told (M-1.1.4)."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from chassis.idempotency import Answer, Command
from chassis.preconditions import ExpectedVersion, etag
from chassis.unit_of_work import UnitOfWork
from services.monitoring.api.access import MayWriteHouseholds
from services.monitoring.api.household_life import body_of, seen, succession_of
from services.monitoring.api.households import OutsideDivision
from services.monitoring.api.life_schemas import MergeInput, SplitInput
from services.monitoring.commands import change_household
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId

router = APIRouter(prefix="/households/{household_id}", tags=["household life"])


@router.post("/splits", status_code=201, summary="Some members found a household of their own")
async def post_split(
    household_id: UUID, body: SplitInput, caller: MayWriteHouseholds, command: Command, version: ExpectedVersion
) -> Response:
    """分户 / the new household is monitored where the old one is, and keeps its liaison officers."""

    async def effect(uow: UnitOfWork) -> Answer:
        if body.division is not None and not caller.division.contains(body.division):
            raise OutsideDivision()
        origin, new = await change_household.split_household(
            uow,
            seen=seen(caller, household_id, version),
            relations=body.relations(),
            division=body.division,
            succession=succession_of(body.succession),
            on=body.on,
            reason=body.reason,
        )
        told = {**body_of(origin), "new_household": body_of(new), "members": _passed(origin, new.id, body.on)}
        return Answer(201, told, {"Location": f"/v1/households/{new.id}", "ETag": etag(origin.version)})

    return await command.run(caller, effect)


@router.post("/merges", summary="The household ends in another")
async def post_merger(
    household_id: UUID, body: MergeInput, caller: MayWriteHouseholds, command: Command, version: ExpectedVersion
) -> Response:
    """并户 / every present member goes on there; the caller must have both households in the own division."""

    async def effect(uow: UnitOfWork) -> Answer:
        absorbed, into = await change_household.merge_households(
            uow,
            seen=seen(caller, household_id, version),
            into=seen(caller, body.into_household_id, body.into_version),
            relations=body.relations(),
            on=body.on,
            reason=body.reason,
        )
        told = {**body_of(absorbed), "into_household": body_of(into), "members": _passed(absorbed, into.id, body.on)}
        return Answer(200, told, {"ETag": etag(absorbed.version)})

    return await command.run(caller, effect)


def _passed(origin: Household, to: HouseholdId, on: date) -> list[dict[str, str]]:
    """Which membership went on as which on the day."""
    return [
        {"member_id": member.id, "new_member_id": passed.member_id}
        for member in origin.members
        if (passed := member.passed_to) is not None and member.left_on == on and passed.household_id == to
    ]

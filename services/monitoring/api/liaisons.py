"""Liaison relations over HTTP: who stands by a household, from when to when (M-1.1.6, M-1.3.6)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, pagination
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.preconditions import ExpectedVersion, etag
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.division import VILLAGE_CODE
from contracts.errors import Missing
from services.monitoring import queries
from services.monitoring.api.access import MayReadHouseholds, MayWriteLiaisons
from services.monitoring.api.households import OutsideDivision, narrowed, runtime_of
from services.monitoring.api.life_schemas import DatedInput
from services.monitoring.commands import assign_liaison
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.liaison import Relation
from services.monitoring.storage import liaisons

router = APIRouter(tags=["liaison"])

_MISSING = """
select id::text, division, resettlement_site from household
where division like $1 || '%' and id > $2::uuid and resettlement_site is not null and ended_on is null
  and not exists (select from liaison where household_id = household.id and from_on <= $4
                  and (until_on is null or $4 < until_on))
order by id limit $3
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"
Officer = Annotated[str, Field(min_length=1, max_length=120, description="The `sub` of the officer's token.")]
Village = Annotated[str, Path(pattern=VILLAGE_CODE)]


class RelationInput(Input):
    relation: Relation
    officer: Officer


class LiaisonInput(DatedInput):
    """Who stands by the household from this day on: whoever is not named any more ends, an empty list ends all."""

    relations: list[RelationInput] = Field(max_length=20)


class VillageLiaisonInput(DatedInput):
    relation: Relation = Relation.LIAISON_CADRE
    officer: Officer
    others_end: bool = Field(default=False, description="Other officers of this relation end on the day.")


@router.put("/households/{household_id}/liaison", summary="Say who stands by a household")
async def put_liaison(
    household_id: UUID, body: LiaisonInput, caller: MayWriteLiaisons, command: Command, version: ExpectedVersion
) -> Response:
    """确定联系人 / relations that run on are left alone; the version is the one of this list."""

    async def effect(uow: UnitOfWork) -> Answer:
        done = await assign_liaison.set_liaison(
            uow,
            household_id=HouseholdId(str(household_id)),
            within=str(caller.division),
            expected_version=version,
            wanted={(one.relation, one.officer) for one in body.relations},
            on=body.on,
        )
        told = {"version": done.version, "begun": done.begun, "ended": done.ended}
        return Answer(200, told, {"ETag": etag(done.version)})

    return await command.run(caller, effect)


@router.get("/households/{household_id}/liaison", summary="Who stands, and stood, by a household")
async def get_liaison(household_id: UUID, request: Request, caller: MayReadHouseholds) -> Response:
    """联系关系 / those over included; one that ends on its first day was withdrawn."""
    identifier = HouseholdId(str(household_id))
    async with (
        database.connect(runtime_of(request).engine) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        if not await connection.fetchval(queries.VISIBLE, household_id, str(caller.division)):
            raise Missing()
        known = await liaisons.of_household(connection, identifier)
        version = await liaisons.version_of(connection, identifier)
    today = runtime_of(request).clock.today()
    items = [
        {
            "id": one.id,
            "relation": one.relation,
            "officer": one.officer_sub,
            "from_on": str(one.from_on),
            "until_on": str(one.until_on) if one.until_on else None,
            "holds": one.holds(today),
        }
        for one in known
    ]
    return JSONResponse({"version": version, "items": items}, headers={"ETag": etag(version)})


@router.get("/liaison/missing", summary="Resettled households by whom nobody stands")
async def list_missing_liaisons(
    request: Request,
    caller: MayReadHouseholds,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
) -> Response:
    """搬迁户联系缺口 / each resettled household has at least one person who keeps in touch (M-1.3.6)."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _MISSING, narrowed(caller, division), page.after[0] if page.after else _FIRST_ID, page.limit,
            runtime.clock.today(),
        )  # fmt: skip
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.post("/villages/{code}/liaison", summary="One officer for every household of a village")
async def post_village_liaison(
    code: Village, body: VillageLiaisonInput, caller: MayWriteLiaisons, command: Command
) -> Response:
    """整村确定联系人 / households that have this officer already keep the relation as it is."""

    async def effect(uow: UnitOfWork) -> Answer:
        if not caller.division.contains(code):
            raise OutsideDivision()
        begun, ended = await assign_liaison.assign_village(
            uow,
            village=code,
            relation=body.relation,
            officer_sub=body.officer,
            on=body.on,
            others_end=body.others_end,
        )
        return Answer(200, {"begun": begun, "ended": ended})

    return await command.run(caller, effect)

"""Differences between national files and the registry over HTTP: listed, accepted or kept."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chassis import database, pagination
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from services.monitoring.api.access import MayImport, MayWriteHouseholds
from services.monitoring.api.case_schemas import NothingInput
from services.monitoring.api.household_schemas import Code
from services.monitoring.api.households import narrowed, runtime_of
from services.monitoring.commands import settle_difference
from services.monitoring.storage import import_differences

router = APIRouter(prefix="/import-differences", tags=["import"])
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


class KeepingInput(Input):
    reason: Code


@router.get("", summary="Where national files say otherwise than the registry")
async def list_differences(
    request: Request,
    caller: MayImport,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    state: Annotated[Literal["open", "kept", "accepted", "gone"] | None, Query()] = "open",
    household_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """导入差异 / by id, with both values, names and numbers masked; an empty cell of a file is no difference."""
    runtime = runtime_of(request)
    after = str(page.after[0]) if page.after else _FIRST_ID
    async with database.connect(runtime.engine) as connection:
        rows = await import_differences.page(
            connection, narrowed(caller, division), after, page.limit, state, household_id
        )
    runtime.audit.add(Read.of(request, caller, "list", [row["household_id"] for row in rows]))
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": rows}, headers=pagination.next_link(request, last))


@router.post("/{difference_id}/acceptance", summary="Take over what the file says")
async def post_acceptance(
    difference_id: UUID, _body: NothingInput, request: Request, caller: MayWriteHouseholds, command: Command
) -> Response:
    """采用文件内容 / a correction of today, or the yearly entry; what a procedure decides is not taken from a file."""
    today = runtime_of(request).clock.today()

    async def effect(uow: UnitOfWork) -> Answer:
        household = await settle_difference.accept(
            uow, difference_id=difference_id, on=today, within=str(caller.division)
        )
        body = {"id": str(difference_id), "state": settle_difference.ACCEPTED, "household_id": household.id,
                "version": household.version}  # fmt: skip
        return Answer(200, body)

    return await command.run(caller, effect)


@router.post("/{difference_id}/keeping", summary="Keep what is recorded")
async def post_keeping(
    difference_id: UUID, body: KeepingInput, request: Request, caller: MayWriteHouseholds, command: Command
) -> Response:
    """保留登记内容 / with a reason; not listed again until the file says something else."""
    today = runtime_of(request).clock.today()

    async def effect(uow: UnitOfWork) -> Answer:
        await settle_difference.keep(
            uow, difference_id=difference_id, reason=body.reason, on=today, within=str(caller.division)
        )
        return Answer(200, {"id": str(difference_id), "state": settle_difference.KEPT})

    return await command.run(caller, effect)

"""Rows of compared files that somebody has to look at, and how they were settled (M-1.1.1)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, pagination
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from services.monitoring.api.access import MayReadScreenings, MaySettleRows
from services.monitoring.api.households import runtime_of
from services.monitoring.commands.settle_row import settle_row
from services.monitoring.storage import unsettled_rows
from services.monitoring.storage.unsettled_rows import Wanted

router = APIRouter(prefix="/comparisons/{comparison_id}", tags=["screening"])
MOST_LINES = 2**31 - 1


class SettlementInput(Input):
    reason: str = Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["not-our-resident"])


@router.get("", summary="One compared file with its counts")
async def get_comparison(comparison_id: UUID, request: Request, caller: MayReadScreenings) -> Response:
    """比对批次 / every row is counted once; `unsettled` is to reach zero."""
    async with database.connect(runtime_of(request).engine) as connection:
        found = await unsettled_rows.comparison(connection, comparison_id, str(caller.division))
    if found is None:
        raise Missing()
    return JSONResponse(found)


@router.get("/unsettled-rows", summary="Rows that matched nobody or could not be used")
async def list_unsettled_rows(
    comparison_id: UUID,
    request: Request,
    caller: MayReadScreenings,
    page: PageQuery,
    code: Annotated[str | None, Query(max_length=60, description="unmatched, ambiguous, or what is wrong.")] = None,
    settled: Annotated[bool, Query(description="Those that were settled, too.")] = False,
) -> Response:
    """悬项清单 / by line, with column and reason, never with the value."""
    async with database.connect(runtime_of(request).engine) as connection:
        if await unsettled_rows.comparison(connection, comparison_id, str(caller.division)) is None:
            raise Missing()
        after = int(page.after[0]) if page.after else 0
        rows = await unsettled_rows.page(
            connection, comparison_id, Wanted(after_line=after, code=code, settled_too=settled, limit=page.limit)
        )
    last = (rows[-1]["line"],) if len(rows) == page.limit else None
    return JSONResponse({"items": rows}, headers=pagination.next_link(request, last))


@router.post("/rows/{line}/settlement", summary="Say why an unsettled row may rest")
async def post_settlement(
    comparison_id: UUID,
    line: Annotated[int, Path(ge=1, le=MOST_LINES)],
    body: SettlementInput,
    request: Request,
    caller: MaySettleRows,
    command: Command,
) -> Response:
    """核销悬项 / once; the reason is a code of row-settlement-reasons."""
    today = runtime_of(request).clock.today()

    async def effect(uow: UnitOfWork) -> Answer:
        await settle_row(
            uow, comparison_id=comparison_id, line=line, reason=body.reason, on=today, within=str(caller.division)
        )
        return Answer(200, {"comparison_id": str(comparison_id), "line": line, "state": "settled"})

    return await command.run(caller, effect)

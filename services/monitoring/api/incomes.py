"""Income entries over HTTP: by kind, whole months and source, with the history of their corrections."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, pagination
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from contracts.month import Month
from services.monitoring import queries, queries_income
from services.monitoring.api.access import MayReadHouseholds, MayWriteHouseholds
from services.monitoring.api.household_schemas import Code
from services.monitoring.api.households import runtime_of
from services.monitoring.commands.record_income import record_income
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.income import IncomeEntry, IncomeKey, IncomeKind

router = APIRouter(prefix="/households/{household_id}/income-entries", tags=["income"])


class IncomeInput(Input):
    """What a source says was earned in whole months; an explicit zero is known."""

    kind: IncomeKind
    first_month: Month = Field(examples=["2023-01"])
    last_month: Month = Field(examples=["2023-12"])
    amount: Annotated[str, Field(pattern=r"^-?\d{1,11}(\.\d{1,2})?$", description="yuan")] = Field(
        examples=["12000.00"]
    )
    source: Code = Field(examples=["home-visit"])
    member_id: UUID | None = Field(default=None, description="None: of the household as a whole.")


@router.post("", status_code=201, summary="Record an income entry")
async def post_income_entry(
    household_id: UUID, body: IncomeInput, request: Request, caller: MayWriteHouseholds, command: Command
) -> Response:
    """登记收入 / one entry a kind, period and source; another amount replaces it and keeps the former one."""
    entry = IncomeEntry(
        key=IncomeKey(
            household_id=HouseholdId(str(household_id)),
            member_id=MemberId(str(body.member_id)) if body.member_id else None,
            kind=body.kind,
            first=body.first_month,
            last=body.last_month,
            source=body.source,
        ),
        amount=Decimal(body.amount),
        recorded_on=runtime_of(request).clock.today(),
    )

    async def effect(uow: UnitOfWork) -> Answer:
        done = await record_income(uow, entry=entry, within=str(caller.division))
        state = "unchanged" if done.entry_id is None else "replaced" if done.replaced else "recorded"
        link = f"/v1/households/{household_id}/income-entries"
        return Answer(201 if done.entry_id else 200, {"id": done.entry_id, "state": state, "link": link})

    return await command.run(caller, effect)


@router.get("", summary="Income entries of a household and its members")
async def list_income_entries(
    household_id: UUID,
    request: Request,
    caller: MayReadHouseholds,
    page: PageQuery,
    history: Annotated[bool, Query(description="Replaced entries too.")] = False,
    kind: Annotated[IncomeKind | None, Query()] = None,
) -> Response:
    """收入记录 / those recorded in the caller's division, and all of a household that lives there now."""
    runtime = runtime_of(request)
    after_month, after_id = page.after or ("", "")
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            queries_income.LIST,
            household_id,
            str(caller.division),
            history,
            kind,
            str(after_month),
            str(after_id),
            page.limit,
        )
        if not rows and not await connection.fetchval(queries.VISIBLE, household_id, str(caller.division)):
            raise Missing()
    runtime.audit.add(Read.of(request, caller, "income", [str(household_id)]))
    last = (rows[-1]["first_month"], rows[-1]["id"]) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))

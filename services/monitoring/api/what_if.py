"""What-if questions over HTTP: asked as an operation, answered by division and household; nothing is decided."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field, JsonValue

from chassis import audit, database, operations, pagination
from chassis.idempotency import Answer, Command
from chassis.identity import Caller
from chassis.pagination import PageQuery
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from chassis.uploading import operation_answer
from contracts.division import DIVISION_CODE
from contracts.errors import Missing
from services.monitoring.api.access import MayAskWhatIf
from services.monitoring.api.households import OutsideDivision, runtime_of
from services.monitoring.domain.errors import InvalidQuestion
from services.monitoring.domain.what_if import change_errors, refuse_unless_in_force, replaced
from services.monitoring.storage import what_if_changes
from services.monitoring.storage.what_if_changes import Wanted

router = APIRouter(prefix="/what-if", tags=["screening"])


class OtherValue(Input):
    """A value that stands in for every value of its key in the division."""

    key: str = Field(max_length=120, examples=["monitoring.screening.tuition.school-year"])
    value: JsonValue = Field(examples=["8000.00"])


class QuestionInput(Input):
    parameters: list[OtherValue] = Field(default_factory=list, max_length=50)
    as_of: date | None = Field(
        default=None, description="Parameters and windows of this day, held against those of today."
    )
    division: str | None = Field(default=None, pattern=DIVISION_CODE, description="The caller's own if none is given.")

    @property
    def changes(self) -> list[tuple[str, JsonValue]]:
        return [(other.key, other.value) for other in self.parameters]


@router.post("", status_code=202, summary="Ask whom other parameters would flag, or no longer")
async def post_question(body: QuestionInput, request: Request, caller: MayAskWhatIf, command: Command) -> Response:
    """政策推演 / the same screening over the facts known now, without writing; answers an operation."""
    runtime = runtime_of(request)
    division = body.division or str(caller.division)
    if not caller.division.contains(division):
        raise OutsideDivision()
    if found := change_errors(body.changes):
        raise InvalidQuestion(errors=found)

    async def effect(uow: UnitOfWork) -> Answer:
        if body.as_of is not None:
            book = await runtime.parameters.book(uow.driver)
            refuse_unless_in_force(replaced(book, body.changes, division), body.as_of, division)
            refuse_unless_in_force(book, runtime.clock.today(), division)
        asked = {
            "parameters": [other.model_dump(mode="json") for other in body.parameters],
            "as_of": str(body.as_of) if body.as_of else None,
        }
        return operation_answer(await operations.accept(uow, what_if_changes.KIND, division, asked))

    return await command.run(caller, effect)


@router.get("/{operation_id}/divisions", summary="How many households of each village a question would change")
async def count_changed_households(
    operation_id: UUID, request: Request, caller: MayAskWhatIf, page: PageQuery
) -> Response:
    """各村推演结果 / households that would be flagged, and that would be no longer."""
    async with database.connect(runtime_of(request).engine) as connection:
        await _refuse_hidden(connection, operation_id, caller)
        after = str(page.after[0]) if page.after else ""
        rows = await what_if_changes.by_division(connection, operation_id, after, page.limit)
    last = (rows[-1]["division"],) if len(rows) == page.limit else None
    return JSONResponse({"items": rows}, headers=pagination.next_link(request, last))


@router.get("/{operation_id}/households", summary="Which households a question would change, and why")
async def list_changed_households(
    operation_id: UUID,
    request: Request,
    caller: MayAskWhatIf,
    page: PageQuery,
    change: Annotated[Literal["flagged", "no-longer-flagged"] | None, Query()] = None,
    rule: Annotated[str | None, Query(max_length=60)] = None,
    division: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
) -> Response:
    """推演清单 / each with the finding of the side that flags it."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        await _refuse_hidden(connection, operation_id, caller)
        after = int(page.after[0]) if page.after else 0
        wanted = Wanted(after=after, change=change, rule=rule, within=division, limit=page.limit)
        rows = await what_if_changes.page(connection, operation_id, wanted)
    runtime.audit.add(audit.Read.of(request, caller, "what-if", [row["household_id"] for row in rows]))
    last = (rows[-1]["number"],) if len(rows) == page.limit else None
    return JSONResponse({"items": rows}, headers=pagination.next_link(request, last))


async def _refuse_hidden(connection: asyncpg.Connection, operation_id: UUID, caller: Caller) -> None:
    if not await what_if_changes.is_visible(connection, operation_id, str(caller.division)):
        raise Missing()

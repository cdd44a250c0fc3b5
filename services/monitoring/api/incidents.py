"""Sudden incidents over HTTP (M-1.3.9): reported with the households that they touch, each judged at once."""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, pagination
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.division import DIVISION_CODE
from contracts.errors import Missing
from services.monitoring.api.access import MayReadSignals, MayReportIncidents
from services.monitoring.api.household_schemas import Code
from services.monitoring.api.households import OutsideDivision, runtime_of
from services.monitoring.commands.report_incident import report_incident
from services.monitoring.domain.ids import HouseholdId, IncidentId

router = APIRouter(prefix="/incidents", tags=["incidents"])

_COLUMNS = "id::text, kind, division, place, occurred_on::text, recorded_on::text"
_LIST = f"""
select {_COLUMNS}, (select count(*) from signal where incident_id = incident.id) as households
from incident
where division like $1 || '%' and ($2 = '' or (occurred_on, id) < ($2::date, $3::uuid))
order by occurred_on desc, id desc limit $4
"""
_ONE = f"select {_COLUMNS} from incident where id = $1 and division like $2 || '%'"
_TOUCHED = """
select household_id::text, division, id::text as signal_id, flag_id::text from signal
where incident_id = $1 and division like $2 || '%' order by household_id
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


class IncidentInput(Input):
    kind: Code = Field(examples=["fire"], description="A code of the dictionary incident-kinds.")
    division: Annotated[
        str, Field(pattern=DIVISION_CODE, examples=["150623100"], description="Where all that it touches live.")
    ]
    place: str = Field(min_length=1, max_length=200)
    occurred_on: date
    household_ids: list[UUID] = Field(min_length=1, max_length=1000)


@router.post("", status_code=201, summary="Report a sudden incident")
async def post_incident(
    body: IncidentInput, request: Request, caller: MayReportIncidents, command: Command
) -> Response:
    """突发事件报告 / one signal for each household; the incident is their period, so that each is flagged once."""
    runtime = runtime_of(request)
    if not caller.division.contains(body.division):
        raise OutsideDivision()

    async def effect(uow: UnitOfWork) -> Answer:
        incident_id = IncidentId(str(uuid4()))
        outcome = await report_incident(
            uow,
            incident_id=incident_id,
            kind=body.kind,
            division=body.division,
            place=body.place,
            occurred_on=body.occurred_on,
            touched=[HouseholdId(str(one)) for one in body.household_ids],
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        told = {
            "id": incident_id,
            "signals": len(outcome.signals),
            "flags": [{"id": flag.id, "household_id": flag.household_id} for flag in outcome.raised],
        }
        return Answer(201, told, {"Location": f"/v1/incidents/{incident_id}"})

    return await command.run(caller, effect)


@router.get("", summary="Sudden incidents of a division")
async def list_incidents(request: Request, caller: MayReadSignals, page: PageQuery) -> Response:
    """突发事件列表 / newest first."""
    after_day, after_id = page.after or ("", _FIRST_ID)
    async with database.connect(runtime_of(request).engine) as connection:
        rows = await connection.fetch(_LIST, str(caller.division), str(after_day), str(after_id), page.limit)
    last = (rows[-1]["occurred_on"], rows[-1]["id"]) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/{incident_id}", summary="A sudden incident and whom it touched")
async def get_incident(incident_id: UUID, request: Request, caller: MayReadSignals) -> Response:
    """突发事件 / with the signal and the flag of each household that it touched."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        row = await connection.fetchrow(_ONE, incident_id, str(caller.division))
        if row is None:
            raise Missing()
        touched = await connection.fetch(_TOUCHED, incident_id, str(caller.division))
    runtime.audit.add(Read.of(request, caller, "incident", [one["household_id"] for one in touched]))
    return JSONResponse({**dict(row), "households": [dict(one) for one in touched]})

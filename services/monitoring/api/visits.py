"""Visits over HTTP: one by one, or in a batch that was made where there was no network (M-1.1.6)."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import correlation, database, pagination, problems
from chassis.audit import Read, purpose_of
from chassis.idempotency import Answer, Command
from chassis.identity import Caller
from chassis.pagination import PageQuery
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.errors import DomainError, Missing
from contracts.parameters import ParameterBook, ParameterMissing
from services.monitoring import queries
from services.monitoring.api.access import MayReadFindings, MayReadHouseholds, MayRecordVisits
from services.monitoring.api.household_schemas import Code
from services.monitoring.api.households import runtime_of
from services.monitoring.commands.record_visit import Found, Hardship, Recorded, record_visit
from services.monitoring.domain.ids import HouseholdId, MemberId, VisitId

router = APIRouter(tags=["visits"])

_LIST = """
select id::text, visited_on::text, recorded_on::text, purpose, findings <> '' as has_findings,
       attachments
from visit
where household_id = $1 and division like $2 || '%' and ($3 = '' or (visited_on, id) < ($3::date, $4::uuid))
order by visited_on desc, id desc limit $5
"""
_FINDINGS = """
with found as (
    select id::text, household_id::text, visitor, visited_on::text, recorded_on::text, purpose, findings,
           attachments
    from visit where id = $1 and division like $2 || '%'
), audited as (
    insert into chassis.audit (person, client, purpose, unmasked, route, search, result_ids, correlation_id)
    select $3, $4, $5, true, '/v1/visits/{visit_id}', 'by-id', array[household_id], $6 from found
)
select * from found
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


class HardshipInput(Input):
    kind: Code = Field(examples=["illness"], description="A code of the dictionary risk-types.")
    member_id: UUID | None = Field(default=None, description="None: of the household as a whole.")


class VisitInput(Input):
    """What was found, and when; a visit made without network brings the id that its device made."""

    id: UUID = Field(default_factory=uuid4, description="Made by the client, so that a repeat is recognised.")
    visited_on: date
    purpose: Code = Field(examples=["routine"], description="A code of the dictionary visit-purposes.")
    findings: str = Field(default="", max_length=2000)
    attachments: list[UUID] = Field(default_factory=list, max_length=20)
    hardships: list[HardshipInput] = Field(default_factory=list, max_length=20)

    def to_domain(self, household_id: UUID) -> Found:
        return Found(
            id=VisitId(str(self.id)),
            household_id=HouseholdId(str(household_id)),
            visited_on=self.visited_on,
            purpose=self.purpose,
            findings=self.findings,
            attachments=tuple(self.attachments),
            hardships=tuple(
                Hardship(kind=one.kind, member_id=None if one.member_id is None else MemberId(str(one.member_id)))
                for one in self.hardships
            ),
        )


class BatchedVisitInput(VisitInput):
    household_id: UUID


class BatchInput(Input):
    visits: list[BatchedVisitInput] = Field(min_length=1, max_length=100)


@router.post("/households/{household_id}/visits", status_code=201, summary="Record a visit to a household")
async def post_visit(
    household_id: UUID, body: VisitInput, request: Request, caller: MayRecordVisits, command: Command
) -> Response:
    """登记走访 / only by its liaison cadre of that day (M-1.1.6); hardship that was seen is judged at once."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        found = body.to_domain(household_id)
        done = await record_visit(
            uow,
            found=found,
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        return Answer(201 if done.new else 200, _told(found, done), {"Location": f"/v1/visits/{found.id}"})

    return await command.run(caller, effect)


@router.post("/visits/batch", summary="Record visits that were made without network")
async def post_visits_batch(body: BatchInput, request: Request, caller: MayRecordVisits, command: Command) -> Response:
    """批量补录走访 / each has its own status: one that is refused does not lose the others."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        book = await runtime.parameters.book(uow.driver)
        told: dict[int, dict[str, Any]] = {}
        # In ascending order of household, as every command that takes several locks.
        for place, visit in sorted(enumerate(body.visits), key=lambda one: (one[1].household_id, one[0])):
            told[place] = await _one_of_batch(request, uow, caller, book, place, visit)
        return Answer(200, {"items": [told[place] for place in range(len(body.visits))]})

    return await command.run(caller, effect)


async def _one_of_batch(
    request: Request, uow: UnitOfWork, caller: Caller, book: ParameterBook, place: int, visit: BatchedVisitInput
) -> dict[str, Any]:
    found = visit.to_domain(visit.household_id)
    try:
        async with uow.attempt():
            done = await record_visit(
                uow,
                found=found,
                within=str(caller.division),
                on=runtime_of(request).clock.today(),
                book=book,
                pointer=f"/visits/{place}/attachments",
            )
    except (DomainError, ParameterMissing) as error:
        refused = problems.refusal_response(request, error)
        return {"status": refused.status_code, "id": found.id, "problem": json.loads(bytes(refused.body))}
    return {"status": 201 if done.new else 200, **_told(found, done)}


def _told(found: Found, done: Recorded) -> dict[str, Any]:
    return {
        "id": found.id,
        "state": "recorded" if done.new else "known",
        "signals": [
            {
                "id": signal.id,
                "flag_id": signal.flag_id,
                "flagged": signal.flag_id in done.raised,
                "finding": {
                    "clause": judged.finding.finding.clause,
                    "code": judged.finding.finding.code,
                    "answer": judged.finding.finding.answer,
                },
            }
            for signal, judged in zip(done.signals, done.judged, strict=True)
        ],
    }


@router.get("/households/{household_id}/visits", summary="Visits to a household")
async def list_visits(household_id: UUID, request: Request, caller: MayReadHouseholds, page: PageQuery) -> Response:
    """走访记录 / newest first, without what was found."""
    runtime = runtime_of(request)
    after_day, after_id = page.after or ("", _FIRST_ID)
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _LIST, household_id, str(caller.division), str(after_day), str(after_id), page.limit
        )
        if not rows and not await connection.fetchval(queries.VISIBLE, household_id, str(caller.division)):
            raise Missing()
    runtime.audit.add(Read.of(request, caller, "visits", [str(household_id)]))
    last = (rows[-1]["visited_on"], rows[-1]["id"]) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/visits/{visit_id}", summary="What a visit found")
async def get_visit(visit_id: UUID, request: Request, caller: MayReadFindings) -> Response:
    """走访所见 / what a cadre wrote may be personal: it needs X-Purpose, and is audited before it leaves."""
    purpose = purpose_of(caller)
    async with database.connect(runtime_of(request).engine) as connection:
        row = await connection.fetchrow(
            _FINDINGS,
            visit_id,
            str(caller.division),
            caller.person,
            caller.client,
            purpose,
            correlation.now().correlation_id,
        )
    if row is None:
        raise Missing()
    return JSONResponse(dict(row))

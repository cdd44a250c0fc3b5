"""Cases over HTTP: opened, read, told as a story, and what waits for whom (M-1.1.3, M-1.1.5, M-1.1.16)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chassis import database, pagination
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.preconditions import etag
from chassis.unit_of_work import UnitOfWork
from contracts.procedure import procedure
from services.monitoring.api.access import MayOpenCases, MayReadCases, MayReadWork
from services.monitoring.api.case_schemas import CaseInput, findings_of, told
from services.monitoring.api.households import narrowed, runtime_of
from services.monitoring.commands.open_case import open_identification
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_deadlines import limits_of
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.work import waiting_steps
from services.monitoring.storage import cases

router = APIRouter(tags=["cases"])

_COLUMNS = """
id::text, household_id::text, division, procedure, standing as state, step, stands_still, opened_on::text,
closed_on::text, due_on::text, version
"""
_LIST = f"""
select {_COLUMNS} from case_file
where division like $1 || '%' and id > $2::uuid and ($4::text is null or standing = $4)
  and ($5::text is null or procedure = $5) and ($6::text is null or step = $6)
  and ($7::uuid is null or household_id = $7)
order by id limit $3
"""
_OVERDUE = f"""
select {_COLUMNS}, $4::date - due_on as days_over from case_file
where division like $1 || '%' and standing = 'open' and not stands_still and due_on < $4
  and ($2 = '' or (due_on, id) > ($2::date, $5::uuid))
order by due_on, id limit $3
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"
_WORK = """
select * from (
    select 'case' as kind, id::text, household_id::text, division, procedure || ':' || step as what, due_on
    from case_file
    where standing = 'open' and division like $1 || '%' and step = any($4::text[])
    union all
    select 'objection', objection.id::text, household_id::text, case_file.division, 'examination', due_on
    from objection join case_file on case_file.id = objection.case_id
    where $5 and standing = 'open' and case_file.division like $1 || '%'
      and document @? ('$.publicities[*].objections[*]
                        ? (@.id == "' || objection.id || '" && @.standing == "open")')::jsonpath
    union all
    select 'flag', id::text, household_id::text, division, 'answer', opened_on + $6::int
    from flag where $7 and standing = 'open' and division like $1 || '%'
) as waiting
where ($2 = '' or (due_on, id) > ($2::date, $8))
order by due_on, id limit $3
"""


@router.post("/cases", status_code=201, summary="Open a case of identification")
async def post_case(body: CaseInput, request: Request, caller: MayOpenCases, command: Command) -> Response:
    """立案识别 / from a flag, a clue or an incident; one open case per household, its open flags are taken up."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        case = await open_identification(
            uow,
            household_id=HouseholdId(str(body.household_id)),
            origin=body.origin.to_domain(),
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        return told(case, 201, due_on=str(case.due_on(case.course.opened_on)), flag_ids=list(case.flags))

    return await command.run(caller, effect)


@router.get("/cases", summary="Cases of a division")
async def list_cases(
    request: Request,
    caller: MayReadCases,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    state: Annotated[Literal["open", "completed", "rejected", "withdrawn", "ended"] | None, Query()] = None,
    procedure_name: Annotated[Literal["identification", "elimination"] | None, Query(alias="procedure")] = None,
    step: Annotated[str | None, Query(max_length=40)] = None,
    household_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """案件列表 / in order of id."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _LIST, narrowed(caller, division), page.after[0] if page.after else _FIRST_ID, page.limit, state,
            procedure_name, step, household_id,
        )  # fmt: skip
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/cases/overdue", summary="Cases past their limit")
async def list_overdue_cases(
    request: Request,
    caller: MayReadCases,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
) -> Response:
    """超期案件 / open ones whose last day has passed, the longest overdue first (M-1.1.16)."""
    runtime = runtime_of(request)
    after_day, after_id = page.after or ("", _FIRST_ID)
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _OVERDUE, narrowed(caller, division), str(after_day), page.limit, runtime.clock.today(), str(after_id)
        )
    last = (rows[-1]["due_on"], rows[-1]["id"]) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/cases/{case_id}", summary="One case as it stands")
async def get_case(case_id: UUID, request: Request, caller: MayReadCases) -> Response:
    """案件详情 / what was recorded at each step; no figures of the survey, and not who objected."""
    runtime = runtime_of(request)
    today = runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        case = await cases.read(connection, str(case_id), within=str(caller.division))
    runtime.audit.add(Read.of(request, caller, "by-id", [case.household_id]))
    return JSONResponse(_shown(case, today), headers={"ETag": etag(case.version)})


@router.get("/cases/{case_id}/timeline", summary="The story of a case")
async def get_case_timeline(case_id: UUID, request: Request, caller: MayReadCases) -> Response:
    """办理时间线 / who did what when, by which clause, and within which limit (M-1.1.16)."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        case = await cases.read(connection, str(case_id), within=str(caller.division))
    runtime.audit.add(Read.of(request, caller, "timeline", [case.household_id]))
    declared = procedure(case.procedure)
    entries = [
        {
            "step": entry.step,
            "term": {"zh": step.term.zh, "en": step.term.en} if (step := declared.steps.get(entry.step)) else None,
            "clause": step.clause if step else declared.clause,
            "outcome": entry.outcome,
            "round": entry.round,
            "by": list(entry.by),
            "on": str(entry.on),
            "day": (entry.on - case.course.opened_on).days,
            "findings": findings_of(entry.findings, request),
        }
        for entry in case.course.entries
    ]
    pauses = [
        {"from_on": str(pause.from_on), "until_on": str(pause.until_on) if pause.until_on else None}
        for pause in case.course.pauses
    ]
    body = {
        "id": case.id,
        "procedure": case.procedure,
        "state": case.standing.value,
        "opened_on": str(case.course.opened_on),
        "closed_on": str(case.course.closed_on) if case.course.closed_on else None,
        "limits": _limits(case, runtime.clock.today()),
        "pauses": pauses,
        "entries": entries,
    }
    return JSONResponse(body)


@router.get("/work", summary="What waits for me")
async def list_work(
    request: Request,
    caller: MayReadWork,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
) -> Response:
    """我的待办 / steps that the caller's roles may take, flags and objections, nearest deadline first."""
    runtime = runtime_of(request)
    today = runtime.clock.today()
    after_day, after_id = page.after or ("", "")
    work = waiting_steps(caller.may)
    async with database.connect(runtime.engine) as connection:
        book = await runtime.parameters.book(connection)
        answer_days = book.find("monitoring.flags.answer-days", today, str(caller.division)).whole
        rows = await connection.fetch(
            _WORK, narrowed(caller, division), str(after_day), page.limit, list(work.steps), work.objections,
            answer_days, work.flags, str(after_id),
        )  # fmt: skip
    last = (str(rows[-1]["due_on"]), rows[-1]["id"]) if len(rows) == page.limit else None
    items = [{**dict(row), "due_on": str(row["due_on"]), "days_left": (row["due_on"] - today).days} for row in rows]
    return JSONResponse({"items": items}, headers=pagination.next_link(request, last))


def _limits(case: Case, today: date) -> list[dict[str, Any]]:
    used = case.limits.total
    shown = [
        {"limit": limit.name, "clause": limit.clause, "due_on": str(limit.due_on), "near_on": str(limit.near_on)}
        for limit in limits_of(case, today)
    ]
    return [{"parameter": used.model_dump(mode="json"), "stands_still": case.course.stands_still}, *shown]


def _shown(case: Case, today: date) -> dict[str, Any]:
    publicities = [
        {
            "id": one.id,
            "round": one.round,
            "from_on": str(one.from_on),
            "last_on": str(one.last_on),
            "provisional": one.provisional,
            "closed_on": str(one.closed_on) if one.closed_on else None,
            "objections": [
                {"id": o.id, "filed_on": str(o.filed_on), "state": o.standing.value, "reason": o.reason}
                for o in one.objections
            ],
        }
        for one in case.publicities
    ]
    signed = case.authorization
    channel = case.green_channel
    return {
        "id": case.id,
        "household_id": case.household_id,
        "division": case.division,
        "procedure": case.procedure,
        "state": case.standing.value,
        "step": case.course.step,
        "round": case.course.round,
        "order": list(case.course.order),
        "opened_on": str(case.course.opened_on),
        "due_on": str(case.due_on(today)),
        "stands_still": case.course.stands_still,
        "origin": {"kind": case.origin.kind, "id": case.origin.id},
        "flag_ids": list(case.flags),
        "authorization": (
            {"signed_on": str(signed.signed_on), "expires_on": str(signed.expires_on), "adults": list(signed.adults)}
            if signed
            else None
        ),
        "surveys": list(case.surveys),
        "publicities": publicities,
        "hits": [
            {"id": hit.id, "source": hit.source, "kind": hit.kind, "outcome": hit.outcome, "reason": hit.reason}
            for hit in case.hits
        ],
        "green_channel": {"reason": channel.reason, "due_on": str(channel.due_on)} if channel else None,
        "version": case.version,
    }

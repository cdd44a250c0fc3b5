"""Publicity over HTTP: the notice, the objections to it, and its closing (M-1.1.11)."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from chassis import correlation, database
from chassis.audit import purpose_of
from chassis.division_names import DivisionNames
from chassis.documents.press import HTML, PDF, preferred
from chassis.idempotency import Answer, Command
from chassis.preconditions import ExpectedVersion
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from services.monitoring.api.access import MayExamineObjections, MayFileObjections, MayPublicise
from services.monitoring.api.case_documents import DOCUMENT_TYPES, Accept
from services.monitoring.api.case_schemas import ExaminationInput, NothingInput, ObjectionInput, PublicityInput, told
from services.monitoring.api.households import runtime_of
from services.monitoring.commands import case_steps
from services.monitoring.commands.case_steps import Seen
from services.monitoring.documents.public_notice import PublicNotice
from services.monitoring.documents.rendering import respond
from services.monitoring.domain import case_publicity
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_parts import Publicity
from services.monitoring.domain.member import Member
from services.monitoring.storage import cases, households

router = APIRouter(tags=["publicity"])

_NOTICE_TYPES: dict[int | str, dict[str, object]] = {
    200: {**DOCUMENT_TYPES[200], "content": {"application/json": {}, HTML: {}, PDF: {}}}
}

_OBJECTION = """
with found as (
    select objection.id::text, case_id::text, household_id::text, content, name, phone, filed_on::text
    from objection join case_file on case_file.id = case_id
    where objection.id = $1 and case_file.division like $2 || '%'
), audited as (
    insert into chassis.audit (person, client, purpose, unmasked, route, search, result_ids, correlation_id)
    select $3, $4, $5, true, '/v1/objections/{objection_id}', 'by-id', array[household_id], $6 from found
)
select * from found
"""
_CASE_OF_OBJECTION = "select case_id::text from objection where id = $1 and division like $2 || '%'"


@router.post("/cases/{case_id}/publicity", status_code=201, summary="Put the notice up in the village")
async def post_publicity(
    case_id: UUID, body: PublicityInput, request: Request, caller: MayPublicise, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """村级公示 / held once in a round, in the village only; its days count from the day after."""
    runtime = runtime_of(request)
    seen = Seen(case_id=str(case_id), version=version, within=str(caller.division), on=runtime.clock.today())

    async def effect(uow: UnitOfWork) -> Answer:
        book = await runtime.parameters.book(uow.driver)
        case, opened = await case_steps.open_publicity(uow, seen=seen, place=body.place, book=book)
        more = {"publicity_id": opened.id, "from_on": str(opened.from_on), "last_on": str(opened.last_on)}
        return told(case, 201, **more, provisional=opened.provisional, notice=f"/v1/public-notices/{opened.id}")

    return await command.run(caller, effect)


@router.post("/publicities/{publicity_id}/closing", summary="Close a publicity")
async def post_publicity_closing(
    publicity_id: UUID, _body: NothingInput, request: Request, caller: MayPublicise, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """公示结束 / after its last day, and not with an objection open."""
    runtime = runtime_of(request)
    within, today = str(caller.division), runtime.clock.today()

    async def effect(uow: UnitOfWork) -> Answer:
        found = await cases.of_publicity(uow.driver, str(publicity_id))
        if found is None:
            raise Missing()
        seen = Seen(case_id=found.id, version=version, within=within, on=today)
        async with case_steps.changing(uow, seen) as case:
            case_publicity.close_publicity(case, publicity_id=str(publicity_id), by=uow.person, on=today)
        return told(case)

    return await command.run(caller, effect)


@router.get("/public-notices/{publicity_id}", summary="A public notice, while it runs", responses=_NOTICE_TYPES)
async def get_public_notice(publicity_id: UUID, request: Request, accept: Accept = None) -> Response:
    """公示内容 / the householder's name, the village and the number of members; nothing else, and not afterwards.

    JSON, or the sheet for the village's board as HTML or PDF, as Accept asks.
    """
    runtime = runtime_of(request)
    wanted = preferred(accept, ("application/json", HTML, PDF))
    today = runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        case = await cases.of_publicity(connection, str(publicity_id))
        running = case.publicity if case else None
        if case is None or running is None or not case_publicity.readable(running, today):
            raise Missing()
        household = await households.read(connection, case.household_id, within="")
    if household is None:
        raise Missing()
    members = household.members_on(today)
    if wanted != "application/json":
        notice = _sheet(case, running, _head(members) or "—", len(members), runtime.division_names)
        return await respond(notice, accept, runtime.press)
    return JSONResponse(
        {
            "id": running.id,
            "procedure": case.procedure,
            "division": case.division,
            "place": running.place,
            "householder": _head(members),
            "members": len(members),
            "from_on": str(running.from_on),
            "last_on": str(running.last_on),
        },
        headers={"Cache-Control": "no-store", "Vary": "Accept"},
    )


@router.post("/publicities/{publicity_id}/objections", status_code=201, summary="Object to what is made public")
async def post_objection(
    publicity_id: UUID, body: ObjectionInput, request: Request, caller: MayFileObjections, command: Command
) -> Response:
    """提出异议 / by anybody, through an app or an officer; the limit stands still while it is examined."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        found = await cases.of_publicity(uow.driver, str(publicity_id))
        if found is None:
            raise Missing()
        case = await cases.load(uow, found.id, within=str(caller.division))
        objection_id = await case_steps.file_objection(
            uow,
            case,
            publicity_id=str(publicity_id),
            content=body.content,
            name=body.name,
            phone=body.phone,
            on=runtime.clock.today(),
        )
        return Answer(201, {"id": objection_id, "state": "open"}, {"Location": f"/v1/objections/{objection_id}"})

    return await command.run(caller, effect)


@router.get("/objections/{objection_id}", summary="What was objected, and by whom")
async def get_objection(objection_id: UUID, request: Request, caller: MayExamineObjections) -> Response:
    """异议内容 / for those who examine it: needs X-Purpose, and is audited before it leaves."""
    purpose = purpose_of(caller)
    async with database.connect(runtime_of(request).engine) as connection:
        row = await connection.fetchrow(
            _OBJECTION, objection_id, str(caller.division), caller.person, caller.client, purpose,
            correlation.now().correlation_id,
        )  # fmt: skip
    if row is None:
        raise Missing()
    return JSONResponse(dict(row))


@router.post("/objections/{objection_id}/examination", summary="Examine an objection")
async def post_objection_examination(
    objection_id: UUID, body: ExaminationInput, request: Request, caller: MayExamineObjections, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """异议核查 / by somebody who did not survey the household; upheld, the case goes back to the survey."""
    runtime = runtime_of(request)
    within, today = str(caller.division), runtime.clock.today()

    async def effect(uow: UnitOfWork) -> Answer:
        case_id = await uow.driver.fetchval(_CASE_OF_OBJECTION, objection_id, within)
        if case_id is None:
            raise Missing()
        async with case_steps.changing(uow, Seen(case_id=case_id, version=version, within=within, on=today)) as case:
            case_publicity.examine_objection(
                case,
                objection_id=str(objection_id),
                upheld=body.outcome == "upheld",
                reason=body.reason,
                by=uow.person,
                on=today,
            )
        return told(case)

    return await command.run(caller, effect)


def _sheet(case: Case, running: Publicity, householder: str, members: int, names: DivisionNames) -> PublicNotice:
    town = names.of(case.division[:9])
    return PublicNotice(
        kind="elimination" if case.elimination else "identification",
        notice_no=running.id,
        town=town,
        village=names.of(case.division),
        householder=householder,
        members=members,
        from_on=running.from_on,
        until_on=running.last_on,
        objection_to=f"{town}人民政府",
    )


def _head(members: tuple[Member, ...]) -> str | None:
    return next((member.details.name for member in members if member.is_head), None)

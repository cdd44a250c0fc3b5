"""Village teams over HTTP: who serves where, days attended, villages without first secretary (S-4.4)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.preconditions import ExpectedVersion, etag
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.division import VILLAGE_CODE
from contracts.errors import Missing
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.api.access import MayReadHouseholds, MayRecordAttendance, MayWriteTeams
from services.monitoring.api.household_schemas import Code, Name
from services.monitoring.api.households import OutsideDivision, narrowed, runtime_of
from services.monitoring.api.life_schemas import DatedInput
from services.monitoring.commands import staff_village
from services.monitoring.domain.ids import PostingId
from services.monitoring.domain.village_team import Posting, days_attended, vacancy_alert, vacant_since
from services.monitoring.storage import postings

router = APIRouter(tags=["village teams"])
VACANCY_DAYS = "monitoring.village-team.vacancy-days"
ATTENDANCE_DAYS = "monitoring.village-team.attendance-days"

Village = Annotated[str, Path(pattern=VILLAGE_CODE)]
Day = Annotated[date | None, Query(description="As of a day; today if none is given.")]


class PostingInput(Input):
    post: Code = Field(examples=["first-secretary"])
    officer: str = Field(min_length=1, max_length=120, description="The `sub` of the officer's token.")
    name: Name
    sent_by: str = Field(min_length=2, max_length=80, description="派出单位")
    from_on: date
    term_until_on: date = Field(description="The first day after the term.")


class AttendanceInput(Input):
    days: list[date] = Field(min_length=1, max_length=366)


@router.post("/villages/{code}/team/members", status_code=201, summary="Someone joins a village's team")
async def post_posting(code: Village, body: PostingInput, caller: MayWriteTeams, command: Command) -> Response:
    """派驻 / one first secretary a village, one place a person."""
    posting = Posting(
        id=PostingId(str(uuid4())),
        division=code,
        post=body.post,
        officer_sub=body.officer,
        name=body.name,
        sent_by=body.sent_by,
        from_on=body.from_on,
        term_until_on=body.term_until_on,
    )

    async def effect(uow: UnitOfWork) -> Answer:
        if not caller.division.contains(code):
            raise OutsideDivision()
        await staff_village.send_to_village(uow, posting=posting)
        return Answer(201, {"id": posting.id, "version": 1}, {"ETag": etag(1)})

    return await command.run(caller, effect)


@router.post("/villages/{code}/team/members/{posting_id}/departure", summary="Someone leaves a village's team")
async def post_posting_departure(
    code: Village,
    posting_id: UUID,
    body: DatedInput,
    caller: MayWriteTeams,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """离任 / from this day on the place is empty."""

    async def effect(uow: UnitOfWork) -> Answer:
        if not caller.division.contains(code):
            raise Missing()
        now = await staff_village.end_posting(
            uow, posting_id=PostingId(str(posting_id)), village=code, expected_version=version, on=body.on
        )
        return Answer(200, {"id": str(posting_id), "version": now}, {"ETag": etag(now)})

    return await command.run(caller, effect)


@router.post("/villages/{code}/team/members/{posting_id}/attendance", summary="Days spent in the village")
async def post_attendance(
    code: Village, posting_id: UUID, body: AttendanceInput, caller: MayRecordAttendance, command: Command
) -> Response:
    """驻村考勤 / a day counts once, however often it is recorded."""

    async def effect(uow: UnitOfWork) -> Answer:
        if not caller.division.contains(code):
            raise Missing()
        new = await staff_village.record_attendance(
            uow, posting_id=PostingId(str(posting_id)), village=code, days=body.days
        )
        return Answer(200, {"id": str(posting_id), "new_days": new})

    return await command.run(caller, effect)


@router.get("/villages/{code}/team", summary="Who serves a village")
async def get_team(
    code: Village,
    request: Request,
    caller: MayReadHouseholds,
    day: Day = None,
    former: Annotated[bool, Query(description="Those who left before, too.")] = False,
) -> Response:
    """驻村工作队 / with terms, days attended in the month, and since when there is no first secretary."""
    if not caller.division.contains(code):
        raise Missing()
    runtime = runtime_of(request)
    on = day or runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        book = await runtime.parameters.book(connection)
        team = await postings.of_village(connection, code, on, former=former)
        attended = await postings.attendance(connection, [posting.id for posting, _, _ in team])
        vacancies = await _vacancies(connection, book, code, on)
    needed = book.find(ATTENDANCE_DAYS, on, code).whole
    items = [
        {
            "id": posting.id,
            "version": version,
            "post": posting.post,
            "officer": posting.officer_sub,
            "name": masked_name,
            "sent_by": posting.sent_by,
            "from_on": str(posting.from_on),
            "term_until_on": str(posting.term_until_on),
            "term_is_over": posting.term_is_over(on),
            "left_on": str(posting.left_on) if posting.left_on else None,
            "days_attended": days_attended(attended, posting.id, Month.of(on)),
        }
        for posting, masked_name, version in team
    ]
    runtime.audit.add(Read.of(request, caller, "village-team", [posting.id for posting, _, _ in team]))
    return JSONResponse(
        {
            "division": code,
            "day": str(on),
            "days_expected": needed,
            "items": items,
            "vacancy": vacancies[0] if vacancies else None,
        }
    )


@router.get("/village-teams/vacancies", summary="Villages without first secretary")
async def list_vacancies(
    request: Request,
    caller: MayReadHouseholds,
    day: Day = None,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
) -> Response:
    """第一书记空缺 / since when, and whether it lasts longer than the parameter tolerates."""
    runtime = runtime_of(request)
    on = day or runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        book = await runtime.parameters.book(connection)
        items = await _vacancies(connection, book, narrowed(caller, division), on)
    return JSONResponse({"day": str(on), "items": items})


async def _vacancies(
    connection: asyncpg.Connection, book: ParameterBook, within: str, on: date
) -> list[dict[str, Any]]:
    """The watched villages of a division that have no first secretary on a day."""
    serving = await postings.first_secretaries(connection, within)
    found = []
    for village, watched_from in await postings.watched_villages(connection, within, on):
        since = vacant_since(serving, division=village, watched_from=watched_from, day=on)
        tolerated = book.find(VACANCY_DAYS, on, village)
        if since is not None:
            found.append(
                {
                    "division": village,
                    "vacant_since": str(since),
                    "tolerated_days": tolerated.whole,
                    "alert": vacancy_alert(since, tolerated_days=tolerated.whole, day=on),
                }
            )
    return found

"""Public-welfare posts over HTTP: opened, applied for, ranked, assigned, ended (M-2.2.7)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, pagination
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.identity import Caller
from chassis.pagination import PageQuery
from chassis.runtime import Runtime
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Because
from contracts.division import VILLAGE_CODE
from contracts.errors import Forbidden, Missing
from contracts.money import Yuan
from services.employment.api.access import MayApplyForPosts, MayAssignPosts, MayOpenPosts, MayReadPosts
from services.employment.commands import fill_posts
from services.employment.domain.post_rules import ranked
from services.employment.storage import posts

router = APIRouter(tags=["public-welfare posts"])

_FIRST_ID = "00000000-0000-0000-0000-000000000000"
_LIST = """
select id::text, division, kind, duty, monthly_pay::text, places, filled, places - filled as free, opened_on::text,
       version
from post where division like $1 || '%' and id > $2::uuid and ($4::text is null or kind = $4)
order by id limit $3
"""


class OutsideDivision(Forbidden):
    code = "outside-division"
    title = Because(zh="不在您的辖区内", en="Outside of your division")


class PostInput(Input):
    division: str = Field(pattern=VILLAGE_CODE, examples=["150623100200"])
    kind: str = Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["village-cleaning"])
    duty: str = Field(min_length=1, max_length=400, examples=["嘎查道路保洁"])
    monthly_pay: Yuan = Field(gt=0, examples=["800.00"])
    places: int = Field(ge=1, le=1000)


class ApplicationInput(Input):
    member_id: UUID
    cares: bool = Field(default=False, description="For somebody at home who cannot be left alone.")


class PlacementInput(Input):
    application_id: UUID
    from_on: date
    months: int = Field(ge=1, le=120)


class EndingInput(Input):
    on: date = Field(description="The first day on which the post is not held any more.")
    reason: str = Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["own-wish"])


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def _narrowed(caller: Caller, division: str | None) -> str:
    """The division that is asked for, within the caller's own. Raises Missing outside of it."""
    if division is None:
        return str(caller.division)
    if not caller.division.contains(division):
        raise Missing()
    return division


@router.post("/posts", status_code=201, summary="Open a public-welfare post")
async def post_post(body: PostInput, request: Request, caller: MayOpenPosts, command: Command) -> Response:
    """开发公益性岗位 / so many places of a kind in a village."""
    if not caller.division.contains(body.division):
        raise OutsideDivision()

    async def effect(uow: UnitOfWork) -> Answer:
        post_id = await fill_posts.open_post(
            uow,
            division=body.division,
            kind=body.kind,
            duty=body.duty,
            monthly_pay=body.monthly_pay,
            places=body.places,
            on=runtime_of(request).clock.today(),
        )
        return Answer(201, {"id": post_id, "state": "open"}, {"Location": f"/v1/posts/{post_id}"})

    return await command.run(caller, effect)


@router.get("/posts", summary="Posts of a division, with how many places are free")
async def list_posts(
    request: Request,
    caller: MayReadPosts,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """公益性岗位列表 / in order of id."""
    async with database.connect(runtime_of(request).engine) as connection:
        rows = await connection.fetch(
            _LIST, _narrowed(caller, division), page.after[0] if page.after else _FIRST_ID, page.limit, kind
        )
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.post("/posts/{post_id}/applications", status_code=201, summary="Apply for a post")
async def post_application(
    post_id: UUID, body: ApplicationInput, request: Request, caller: MayApplyForPosts, command: Command
) -> Response:
    """申请岗位 / for a person whom monitoring's registry has; once while it waits."""

    async def effect(uow: UnitOfWork) -> Answer:
        if await posts.post(uow.driver, post_id, str(caller.division)) is None:
            raise Missing()
        application_id = await posts.apply(
            uow, post_id, body.member_id, cares=body.cares, on=runtime_of(request).clock.today()
        )
        return Answer(201, {"id": application_id, "state": "waiting"})

    return await command.run(caller, effect)


@router.get("/posts/{post_id}/ranking", summary="Who waits for a post, in the order of priority")
async def get_ranking(post_id: UUID, request: Request, caller: MayAssignPosts) -> Response:
    """申请排序 / computed today, each with the criteria that were met and the order that was used."""
    runtime = runtime_of(request)
    today = runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        post = await posts.post(connection, post_id, str(caller.division))
        if post is None:
            raise Missing()
        book = await runtime.parameters.book(connection)
        everybody = {one.candidate.application_id: one for one in await posts.waiting(connection, post_id)}
    in_order, used = ranked(
        [one.candidate for one in everybody.values()], book=book, day=today, division=post["division"]
    )
    runtime.audit.add(Read.of(request, caller, "ranking", [one.household_id for one in everybody.values()]))
    items = [
        {
            "place": one.place,
            "application_id": one.candidate.application_id,
            "member_id": everybody[one.candidate.application_id].member_id,
            "household_id": everybody[one.candidate.application_id].household_id,
            "applied_on": str(one.candidate.applied_on),
            "met": list(one.met),
        }
        for one in in_order
    ]
    return JSONResponse({"post_id": str(post_id), "order": used.model_dump(mode="json"), "items": items})


@router.post("/posts/{post_id}/placements", status_code=201, summary="Assign a place of a post")
async def post_placement(
    post_id: UUID, body: PlacementInput, request: Request, caller: MayAssignPosts, command: Command
) -> Response:
    """安置上岗 / refused with findings where a limit stands against it; the last place is given once."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        placement_id, place = await fill_posts.assign(
            uow,
            application_id=body.application_id,
            post_id=post_id,
            from_on=body.from_on,
            months=body.months,
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        body_of = {"id": placement_id, "state": "assigned", "place_in_order": place}
        return Answer(201, body_of, {"Location": f"/v1/placements/{placement_id}"})

    return await command.run(caller, effect)


@router.post("/placements/{placement_id}/ending", summary="End a placement")
async def post_ending(
    placement_id: UUID, body: EndingInput, request: Request, caller: MayAssignPosts, command: Command
) -> Response:
    """离岗 / with a reason by code; the place is free again."""

    async def effect(uow: UnitOfWork) -> Answer:
        await fill_posts.end(
            uow,
            placement_id=placement_id,
            on=body.on,
            reason=body.reason,
            within=str(caller.division),
            today=runtime_of(request).clock.today(),
        )
        return Answer(200, {"id": str(placement_id), "state": "ended"})

    return await command.run(caller, effect)

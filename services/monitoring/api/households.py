"""The registry over HTTP: register, read, list, find by resident id. Its life: household_life.py."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from chassis import correlation, database, intake, pagination
from chassis.audit import MayNotUnmask, Read, purpose_of
from chassis.idempotency import Answer, Command
from chassis.identity import Caller
from chassis.pagination import PageQuery
from chassis.preconditions import etag
from chassis.runtime import Runtime
from contracts import access
from contracts.decision import Because
from contracts.errors import DomainError, FieldError, Forbidden, Invalid, Missing
from contracts.resident_id import InvalidResidentId, normalise, person_key
from services.monitoring import queries, queries_history
from services.monitoring.api.access import MayReadHouseholds, MayWriteHouseholds
from services.monitoring.api.household_schemas import RegisterHouseholdInput, SearchInput
from services.monitoring.commands import register_household
from services.monitoring.domain import errors
from services.monitoring.storage import households

router = APIRouter(tags=["households"])


class OutsideDivision(Forbidden):
    code = "outside-division"
    title = Because(zh="不在您的辖区内", en="Outside of your division")


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


@router.post("/households", status_code=201, summary="Register a household")
async def post_household(
    body: RegisterHouseholdInput, request: Request, caller: MayWriteHouseholds, command: Command
) -> Response:
    """登记农牧户 / M-1.1.4. Answers its id; the event household-registered and its state follow."""
    runtime = runtime_of(request)
    if not caller.division.contains(body.division):
        raise OutsideDivision()
    try:
        household = register_household.new_household(
            division=body.division,
            details=body.to_domain(),
            members=[member.to_domain(runtime.person_key_secret) for member in body.members],
            on=runtime.clock.today(),
        )
    except DomainError as refusal:
        return await command.refuse(caller, refusal)
    answer = Answer(
        201,
        {
            "id": household.id,
            "version": household.version,
            "members": [{"id": member.id} for member in household.members],
        },
        {"Location": f"/v1/households/{household.id}", "ETag": etag(household.version)},
    )
    return await intake.run(
        command,
        caller,
        answer,
        register_household.messages_of(household, runtime.units.composer, runtime.clock),
        register_household.STATEMENT,
        households.insert_parameters([household]),
        households.refusal_of,
    )


@router.get("/households/{household_id}", summary="One household with its members")
async def get_household(
    household_id: UUID,
    request: Request,
    caller: MayReadHouseholds,
    unmasked: Annotated[bool, Query(description="Needs household:unmask and X-Purpose.")] = False,
    as_of: Annotated[date | None, Query(description="How it stood on a day; always masked.")] = None,
) -> Response:
    """一户详情 / masked by default; former members included, unless a day is asked for."""
    runtime = runtime_of(request)
    if as_of is not None:
        return await _as_of(household_id, as_of, request, caller, unmasked=unmasked)
    async with database.connect(runtime.engine) as connection:
        if unmasked:
            purpose = _purpose(caller)
            row = await connection.fetchrow(
                queries.ONE_UNMASKED,
                household_id,
                str(caller.division),
                caller.person,
                caller.client,
                purpose,
                "/v1/households/{household_id}",
                correlation.now().correlation_id,
            )
        else:
            row = await connection.fetchrow(queries.ONE_MASKED, household_id, str(caller.division))
    if row is None:
        raise Missing()
    if not unmasked:
        runtime.audit.add(Read.of(request, caller, "by-id", [str(household_id)]))
    return Response(row["body"], media_type="application/json", headers={"ETag": etag(row["version"])})


@router.get("/households", summary="Households of a division")
async def list_households(
    request: Request,
    caller: MayReadHouseholds,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    household_type: Annotated[Literal["ordinary", "relieved"] | None, Query()] = None,
    monitored_class: Annotated[str | None, Query(max_length=40)] = None,
    monitored: Annotated[bool | None, Query()] = None,
    ended: Annotated[bool | None, Query()] = False,
) -> Response:
    """农牧户列表 / masked, in order of id, cut to the caller's divisions."""
    runtime = runtime_of(request)
    within = narrowed(caller, division)
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            queries.LIST,
            within,
            queries.after_id(page),
            page.limit,
            household_type,
            monitored_class,
            monitored,
            ended,
        )
    ids = rows[0]["ids"] or []
    runtime.audit.add(Read.of(request, caller, "list", ids))
    last = (ids[-1],) if len(ids) == page.limit else None
    return Response(
        f'{{"items": {rows[0]["items"]}}}',
        media_type="application/json",
        headers=pagination.next_link(request, last),
    )


@router.post("/households/search", summary="Households of the person with this resident id")
async def post_household_search(
    body: SearchInput, request: Request, caller: MayReadHouseholds, _command: Command
) -> Response:
    """按证件号码查找 / masked; by POST so that the id stands in no address.

    It changes nothing, so its answer, which is personal, is not kept under its key: a repeat is searched and audited
    again.
    """
    runtime = runtime_of(request)
    try:
        key = person_key(normalise(body.resident_id), runtime.person_key_secret)
    except InvalidResidentId as error:
        raise Invalid(errors=[FieldError(error.reason, "/resident_id")]) from error
    async with database.connect(runtime.engine) as connection:
        (row,) = await connection.fetch(queries.BY_PERSON, key, str(caller.division))
    runtime.audit.add(Read.of(request, caller, "by-resident-id", row["ids"] or []))
    return Response(f'{{"items": {row["items"]}}}', media_type="application/json")


@router.get("/households/{household_id}/history", summary="What held when")
async def get_household_history(household_id: UUID, request: Request, caller: MayReadHouseholds) -> Response:
    """历史 / dated attributes, memberships, and every version that was replaced (M-1.1.4)."""
    async with database.connect(runtime_of(request).engine) as connection:
        row = await connection.fetchrow(queries_history.HISTORY, household_id, str(caller.division))
    if row is None:
        raise Missing()
    return Response(row["body"], media_type="application/json", headers={"ETag": etag(row["version"])})


async def _as_of(household_id: UUID, day: date, request: Request, caller: Caller, *, unmasked: bool) -> Response:
    runtime = runtime_of(request)
    if day > runtime.clock.today():
        raise errors.DayInFuture(errors=[FieldError("day-in-future", "#query.as_of")])
    if unmasked:
        raise Invalid(errors=[FieldError("as-of-is-masked", "#query.unmasked")])
    async with database.connect(runtime.engine) as connection:
        row = await connection.fetchrow(queries_history.AS_OF, household_id, str(caller.division), day)
    if row is None:
        raise Missing()
    runtime.audit.add(Read.of(request, caller, "by-id-as-of", [str(household_id)]))
    return Response(row["body"], media_type="application/json")


def narrowed(caller: Caller, division: str | None) -> str:
    """The subtree to list: the one asked for, if it lies within the caller's own; otherwise nothing is found."""
    if division is None:
        return str(caller.division)
    if not caller.division.contains(division):
        return "outside"
    return division


def _purpose(caller: Caller) -> str:
    if not caller.may(access.HOUSEHOLD_UNMASK):
        raise MayNotUnmask()
    return purpose_of(caller)

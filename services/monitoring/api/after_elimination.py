"""Households whose risk was eliminated, and what came back since: housing, water, schooling, income unknown (M-1.1.26).

These are the problems that the national checker looks for (facts.md 2.4). Nothing is decided here: what is listed
asks for a visit, and a new risk goes its own way by signal, flag and case.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chassis import audit, database, pagination
from chassis.audit import Read, purpose_of
from chassis.pagination import PageQuery
from contracts.errors import Missing
from contracts.month import Month
from services.monitoring.api.access import MayReadCases, MayReadFindings
from services.monitoring.api.households import narrowed, runtime_of
from services.monitoring.storage import surveys

router = APIRouter(tags=["elimination"])

_PROBLEMS = """
with eliminated as (
    select id, division, guarantees, monitored -> -1 ->> 'ended' as ended, monitored -> -1 ->> 'how' as how
    from household
    where division like $1 || '%' and id > $2::uuid and monitored_class is null and ended_on is null
      and monitored -> -1 ->> 'how' in ('aided', 'natural')
), seen as (
    select id::text, division, ended, how, array_remove(array[
        case when guarantees -> 'housing' ->> 'secured' = 'no' then 'housing-lost' end,
        case when guarantees -> 'water' ->> 'secured' = 'no' then 'water-lost' end,
        case when guarantees -> 'education' ->> 'secured' = 'no' then 'schooling-interrupted' end,
        case when ended < $4 and not exists (
            select from income_entry
            where household_id = eliminated.id and replaced_on is null and last_month > ended
        ) then 'income-not-reported' end
    ], null) as problems
    from eliminated
)
select id as household_id, division, ended as eliminated_in, how as mode, problems from seen
where cardinality(problems) > 0 and ($5::text is null or $5 = any(problems))
order by id limit $3
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"
_ONE_SURVEY = """
select survey.id from survey join household on household.id = household_id
where survey.id = $1 and household.division like $2 || '%'
"""
Problem = Literal["housing-lost", "water-lost", "schooling-interrupted", "income-not-reported"]


@router.get("/elimination/problems", summary="Eliminated households with a problem since")
async def list_problems_after_elimination(
    request: Request,
    caller: MayReadCases,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    problem: Annotated[Problem | None, Query()] = None,
) -> Response:
    """消除后问题 / house or water lost, a child out of school, or no income reported after the month of elimination."""
    runtime = runtime_of(request)
    this_month = str(Month.of(runtime.clock.today()))
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _PROBLEMS, narrowed(caller, division), page.after[0] if page.after else _FIRST_ID, page.limit, this_month,
            problem,
        )  # fmt: skip
    runtime.audit.add(Read.of(request, caller, "list", [row["household_id"] for row in rows]))
    last = (rows[-1]["household_id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/surveys/{survey_id}", summary="A survey with its figures")
async def get_survey(survey_id: UUID, request: Request, caller: MayReadFindings) -> Response:
    """入户核查表 / the figures are personal: needs X-Purpose, and is audited before they leave (M-1.1.8)."""
    purpose_of(caller)
    async with database.connect(runtime_of(request).engine) as connection:
        if await connection.fetchval(_ONE_SURVEY, survey_id, str(caller.division)) is None:
            raise Missing()
        survey = await surveys.one(connection, str(survey_id))
        await audit.write(connection, [Read.of(request, caller, "by-id", [survey.household_id], unmasked=True)])
    return JSONResponse(surveys.shown(survey))

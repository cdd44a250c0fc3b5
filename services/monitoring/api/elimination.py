"""Elimination over HTTP: risks that are gone, the check that explains itself, and the request (M-1.1.21 to 29)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, pagination, problems
from chassis.attachments import evidence
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from contracts.events.envelope import Raised
from contracts.events.monitoring_cases import RiskResolved
from services.monitoring.api.access import MayOpenCases, MayReadCases, MayReturnCases, MaySurvey
from services.monitoring.api.case_schemas import SurveyInput, findings_of, told
from services.monitoring.api.household_schemas import Code
from services.monitoring.api.households import narrowed, runtime_of
from services.monitoring.commands import decide_case, eliminate
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import MonitoringEnd
from services.monitoring.domain.elimination import EliminationCheck, EliminationFacts, Outcome, check, check_resolution
from services.monitoring.domain.ids import HouseholdId, household_key
from services.monitoring.domain.income_observations import Observation
from services.monitoring.domain.measure_plan import able
from services.monitoring.domain.public import public_kind
from services.monitoring.storage import elimination_facts, households, risk_resolutions

router = APIRouter(tags=["elimination"])

Mode = Literal["aided", "natural"]
_MONITORED = """
select id from household
where division like $1 || '%' and id > $2::uuid and monitored_class is not null and ended_on is null
order by id limit $3
"""
_COUNTS = """
with spans as (
    select household.id, span, row_number() over (partition by household.id order by span ->> 'since') as place
    from household cross join jsonb_array_elements(monitored) as span
    where division like $1 || '%'
), eliminated as (
    select id, place, span from spans where span ->> 'how' in ('aided', 'natural') and span ->> 'ended' >= $2
)
select (select count(*) from eliminated) as eliminated,
       (select count(*) from eliminated where span ->> 'how' = 'natural') as of_these_natural,
       (select count(*) from eliminated
        where exists (select from spans where spans.id = eliminated.id and spans.place > eliminated.place)) as reopened,
       (select count(*) from household
        where division like $1 || '%' and monitored_class is not null and ended_on is null
          and not exists (select from member where household_id = household.id and left_on is null
                          and (labour is null or labour = any($3::text[])))) as held,
       (select count(*) from household
        where division like $1 || '%' and monitored_class is not null and ended_on is null) as monitored
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"
_AT_ONCE = 50
"""Households whose months are added up before others have their turn: it is computing, and holds everybody up."""


class ResolutionInput(Input):
    """How a risk is gone; what shows it is attached."""

    how: Code = Field(examples=["stably-removed"], description="A code of risk-resolutions.")
    reason: Code | None = Field(default=None, description="Of a natural one: a code of natural-elimination-reasons.")
    resolved_on: date
    attachments: list[UUID] = Field(min_length=1, max_length=20)


class EliminationInput(Input):
    """`natural` needs a reason and evidence; `aided` needs neither."""

    mode: Mode
    reason: Code | None = Field(default=None, examples=["family-income"])
    attachments: list[UUID] = Field(default_factory=list, max_length=20)


@router.post(
    "/households/{household_id}/risks/{code}/resolution", status_code=201, summary="Record that a risk is gone"
)
async def post_risk_resolution(
    household_id: UUID, code: str, body: ResolutionInput, request: Request, caller: MayReturnCases, command: Command
) -> Response:
    """登记风险消除 / stably removed or naturally gone, with evidence (M-1.1.23)."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        today = runtime.clock.today()
        household = await households.load(uow, HouseholdId(str(household_id)), within=str(caller.division))
        household.refuse_if_ended()
        if code not in {risk.code for risk in household.risks}:
            raise Missing()
        check_resolution(body.how, body.reason, body.resolved_on, today)
        await evidence.cite(uow, body.attachments, within=str(caller.division))
        resolution_id = await risk_resolutions.add(
            uow,
            household,
            risk=code,
            how=body.how,
            reason=body.reason,
            resolved_on=body.resolved_on,
            attachments=list(map(str, body.attachments)),
            on=today,
        )
        resolved = RiskResolved(
            household_id=household.id,
            division=household.division,
            risk=public_kind(code),
            how=body.how,
            resolved_on=body.resolved_on,
        )
        uow.raise_events(
            [Raised(data=resolved, key=household_key(household.id), subject=household.id, division=household.division)]
        )
        return Answer(201, {"id": resolution_id, "state": "recorded"})

    return await command.run(caller, effect)


@router.post("/households/{household_id}/surveys", status_code=201, summary="Survey a household beside a case")
async def post_follow_up_survey(
    household_id: UUID, body: SurveyInput, request: Request, caller: MaySurvey, command: Command
) -> Response:
    """跟踪核查 / a monitored or held household is looked at again; the newest survey is what a check rests on."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        household = await households.load(uow, HouseholdId(str(household_id)), within=str(caller.division))
        household.refuse_if_ended()
        made = body.to_domain(household, caller.person, None)
        await decide_case.follow_up(
            uow,
            made=made,
            attachments=body.attachments,
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        return Answer(201, {"id": made.id, "state": "recorded"})

    return await command.run(caller, effect)


@router.get("/households/{household_id}/elimination/check", summary="Whether the risk may be marked as eliminated")
async def get_elimination_check(
    household_id: UUID,
    request: Request,
    caller: MayReadCases,
    mode: Annotated[Mode, Query()] = "aided",
    reason: Annotated[str | None, Query(max_length=40, description="Of a natural elimination.")] = None,
) -> Response:
    """风险消除核查 / six answers with clause, because, parameters and months; asking changes nothing."""
    runtime = runtime_of(request)
    today = runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        household = await households.read(connection, HouseholdId(str(household_id)), within=str(caller.division))
        if household is None:
            raise Missing()
        book = await runtime.parameters.book(connection)
        facts = (await elimination_facts.of_households(connection, [household], book=book, day=today)).get(household.id)
    if facts is None:
        raise errors.NotMonitored
    found = check(
        eliminate.with_reason(facts, reason, attached=reason is not None),
        MonitoringEnd(mode),
        book=book,
        day=today,
        division=household.division_on(today),
    )
    runtime.audit.add(Read.of(request, caller, "elimination-check", [household.id]))
    months = [_month(one) for one in facts.observations]
    return JSONResponse({"household_id": household.id, "day": str(today), "months": months, **_shown(found, request)})


@router.get("/elimination/candidates", summary="Monitored households and what their check says")
async def list_elimination_candidates(
    request: Request,
    caller: MayReadCases,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    outcome: Annotated[Literal["allowed", "open", "refused", "held"] | None, Query()] = None,
) -> Response:
    """风险消除排查 / in order of id and never ranked; a page may be short where an outcome is asked for (M-1.1.27)."""
    runtime = runtime_of(request)
    today = runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        book = await runtime.parameters.book(connection)
        rows = await connection.fetch(
            _MONITORED, narrowed(caller, division), page.after[0] if page.after else _FIRST_ID, page.limit
        )
        found = await households.read_many(connection, [HouseholdId(str(row["id"])) for row in rows])
        facts: dict[HouseholdId, EliminationFacts] = {}
        for first in range(0, len(found), _AT_ONCE):
            some = found[first : first + _AT_ONCE]
            facts |= await elimination_facts.of_households(connection, some, book=book, day=today)
    items = []
    for one in found:
        if one.id not in facts:
            continue
        told_of = check(facts[one.id], MonitoringEnd.AIDED, book=book, day=today, division=one.division_on(today))
        if outcome is None or told_of.outcome.value == outcome:
            against = [finding.code for finding in told_of.against]
            items.append(
                {
                    "household_id": one.id,
                    "division": one.division,
                    "outcome": told_of.outcome.value,
                    "identified": str(facts[one.id].identified),
                    "against": against,
                }
            )
    runtime.audit.add(Read.of(request, caller, "elimination-candidates", [str(item["household_id"]) for item in items]))
    last = (str(rows[-1]["id"]),) if len(rows) == page.limit else None
    return JSONResponse({"items": items}, headers=pagination.next_link(request, last))


@router.get("/elimination/counts", summary="Eliminations beside those re-opened and held")
async def get_elimination_counts(
    request: Request,
    caller: MayReadCases,
    since: Annotated[
        str,
        Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="The first month that is counted.", examples=["2024-01"]),
    ],
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
) -> Response:
    """风险消除统计 / counts of a division as a whole, never a rate and never a ranking of divisions (M-1.1.27)."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        (row,) = await connection.fetch(_COUNTS, narrowed(caller, division), since, sorted(able(runtime.clock.today())))
    return JSONResponse({"since": since, **dict(row)})


@router.post("/households/{household_id}/elimination", status_code=201, summary="Ask for elimination")
async def post_elimination(
    household_id: UUID, body: EliminationInput, request: Request, caller: MayOpenCases, command: Command
) -> Response:
    """申请风险消除 / a case with the same steps as identification; any no refuses it, as an event too (M-1.1.22)."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        case, found = await eliminate.request_elimination(
            uow,
            household_id=HouseholdId(str(household_id)),
            mode=MonitoringEnd(body.mode),
            reason=body.reason,
            attachments=body.attachments,
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        if case is None:
            held = found.outcome is Outcome.HELD
            refused = (errors.EliminationHeld if held else errors.EliminationRefused)(
                findings=found.findings[:1] if held else found.against
            )
            response = problems.refusal_response(request, refused)
            return Answer(response.status_code, bytes(response.body))
        return told(case, 201, **_shown(found, request))

    return await command.run(caller, effect)


def _shown(found: EliminationCheck, request: Request) -> dict[str, Any]:
    return {
        "outcome": found.outcome.value,
        "findings": findings_of(found.findings, request),
        "warnings": findings_of(found.warnings, request),
    }


def _month(one: Observation) -> dict[str, Any]:
    """A month-end: which source spoke, and whether the line was reached; the amount itself is not told here."""
    return {
        "month": str(one.month),
        "answer": one.answer.value,
        "source": one.source,
        "line": str(one.line.value),
    }

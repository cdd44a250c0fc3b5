"""Measures over HTTP: a plan that fits, what is asked of providers, fund lines, and what officers record."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, pagination
from chassis.audit import Read
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.preconditions import ExpectedVersion, etag
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Answer as Known
from contracts.errors import Missing
from contracts.money import Yuan
from services.monitoring import queries
from services.monitoring.api.access import MayPlanMeasures, MayReadCases, MayRecordMeasures
from services.monitoring.api.case_schemas import NothingInput, findings_of
from services.monitoring.api.household_schemas import Code
from services.monitoring.api.households import narrowed, runtime_of
from services.monitoring.commands import plan_measures
from services.monitoring.commands.plan_measures import Wanted
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.measure_plan import PlannedMeasure
from services.monitoring.domain.measures import Funding, Measure, MeasureKind, MeasureStanding
from services.monitoring.storage import measures

router = APIRouter(tags=["measures"])

_WAITING = """
select id::text, household_id::text, division, category, kind, provider, standing as state, planned_on::text,
       $4::date - (document ->> 'requested_on')::date as days
from measure
where standing = 'requested' and division like $1 || '%' and id > $2::uuid order by id limit $3
"""
_RESPONSE = """
with flagged as (
    select flag.household_id, left(flag.division, $2) as division, flag.opened_on,
           (select min(occurred_on) from signal where flag_id = flag.id) as signalled_on
    from flag where division like $1 || '%' and opened_on >= $3
), opened as (
    select household_id, left(division, $2) as division, min(opened_on) as opened_on
    from case_file where procedure = 'identification' and division like $1 || '%' and opened_on >= $3
    group by household_id, left(division, $2)
), steps as (
    select division, 'signal-to-flag' as step, opened_on - signalled_on as days
    from flagged where signalled_on is not null
    union all
    select opened.division, 'flag-to-case', opened.opened_on - min(flagged.opened_on)
    from opened join flagged using (household_id) where flagged.opened_on <= opened.opened_on
    group by opened.household_id, opened.division, opened.opened_on
    union all
    select opened.division, 'case-to-first-help', min(measure.started_on) - opened.opened_on
    from opened join measure using (household_id)
    where measure.started_on >= opened.opened_on group by opened.household_id, opened.division, opened.opened_on
)
select division, step, count(*) as households, percentile_cont(0.5) within group (order by days) as median,
       max(days) as longest
from steps group by division, step order by division, step
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


class MeasureInput(Input):
    category: Code = Field(examples=["employment"], description="A code of measure-categories.")
    kind: MeasureKind
    covers: list[Code] = Field(default_factory=list, max_length=5, description="Risks of the household that it meets.")
    member_id: UUID | None = None
    wished: bool | None = Field(default=None, description="What its person said; left out where nobody asked.")
    funded: bool = False

    def to_domain(self) -> Wanted:
        planned = PlannedMeasure(
            category=self.category,
            kind=self.kind,
            covers=tuple(self.covers),
            member_id=None if self.member_id is None else MemberId(str(self.member_id)),
            wished=self.wished,
        )
        return Wanted(planned=planned, funded=self.funded)


class PlanInput(Input):
    measures: list[MeasureInput] = Field(min_length=1, max_length=30)


class FundingInput(Input):
    level: Literal["central", "region", "city", "county"]
    year: int = Field(ge=2000, le=2100)
    source: Code = Field(examples=["linkage-fund"])
    project: str | None = Field(default=None, max_length=60)
    amount: Yuan


class RecordInput(Input):
    """What was done, when, and the paper that shows it."""

    on: date
    attachments: list[UUID] = Field(min_length=1, max_length=20)
    reason: Code | None = None


@router.post("/households/{household_id}/measure-plan/validate", summary="Try a plan of measures")
async def post_plan_validation(
    household_id: UUID, body: PlanInput, request: Request, caller: MayPlanMeasures, command: Command
) -> Response:
    """帮扶计划校验 / every finding, and nothing is written (M-1.1.18)."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        _, findings = await plan_measures.validate(
            uow,
            household_id=HouseholdId(str(household_id)),
            wanted=[one.to_domain() for one in body.measures],
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        fits = all(finding.answer is not Known.NO for finding in findings)
        return Answer(200, {"fits": fits, "findings": findings_of(findings, request)})

    return await command.run(caller, effect)


@router.post("/households/{household_id}/measure-plan", status_code=201, summary="Approve a plan of measures")
async def post_plan(
    household_id: UUID, body: PlanInput, request: Request, caller: MayPlanMeasures, command: Command
) -> Response:
    """审定帮扶计划 / each risk is met, and what somebody is to do fits ability and wish (M-1.1.17 to 19, P-2)."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        plan_id, new, findings = await plan_measures.approve(
            uow,
            household_id=HouseholdId(str(household_id)),
            wanted=[one.to_domain() for one in body.measures],
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        told = {"id": plan_id, "measures": [_told(one) for one in new], "findings": findings_of(findings, request)}
        return Answer(201, told, {"Location": f"/v1/households/{household_id}/measures"})

    return await command.run(caller, effect)


@router.get("/households/{household_id}/measures", summary="Measures of a household")
async def list_household_measures(household_id: UUID, request: Request, caller: MayReadCases) -> Response:
    """帮扶措施 / preventive and remedial, how far each is, who provides it and which funds stand behind it."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        if not await connection.fetchval(queries.VISIBLE, household_id, str(caller.division)):
            raise Missing()
        found = await measures.of_household(connection, HouseholdId(str(household_id)))
    runtime.audit.add(Read.of(request, caller, "measures", [str(household_id)]))
    return JSONResponse({"items": [_shown(one) for one in found]})


@router.get("/measures/unanswered", summary="Requests that wait for their provider")
async def list_unanswered_measures(
    request: Request,
    caller: MayReadCases,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
) -> Response:
    """待答复措施 / asked for and neither accepted nor declined, with the days since."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _WAITING, narrowed(caller, division), page.after[0] if page.after else _FIRST_ID, page.limit,
            runtime.clock.today(),
        )  # fmt: skip
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/response-times", summary="Days from signal to flag, case and first help")
async def get_response_times(
    request: Request,
    caller: MayReadCases,
    since: Annotated[date, Query(description="Flags and cases from this day on.")],
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    level: Annotated[Literal["town", "village"], Query()] = "village",
) -> Response:
    """响应时长 / median and longest per division, with how many households are counted."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(_RESPONSE, narrowed(caller, division), 9 if level == "town" else 12, since)
    return JSONResponse({"items": [{**dict(row), "median": float(row["median"])} for row in rows]})


@router.post("/measures/{measure_id}/request", summary="Ask the provider for a measure")
async def post_measure_request(
    measure_id: UUID, _body: NothingInput, request: Request, caller: MayPlanMeasures, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """向提供方申请 / the provider answers as an event; one that is paid names its fund line first."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        asked = await plan_measures.request(
            uow, measure_id=str(measure_id), version=version, within=str(caller.division), on=runtime.clock.today()
        )
        return _answer(asked)

    return await command.run(caller, effect)


@router.post("/measures/{measure_id}/funding", summary="Name the fund line of a measure")
async def post_measure_funding(
    measure_id: UUID, body: FundingInput, request: Request, caller: MayPlanMeasures, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """资金来源 / level, year, source, amount and project (M-1.1.20)."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        line = Funding(level=body.level, year=body.year, source=body.source, project=body.project, amount=body.amount)
        funded = await plan_measures.fund(
            uow,
            measure_id=str(measure_id),
            version=version,
            funding=line,
            within=str(caller.division),
            on=runtime.clock.today(),
        )
        return _answer(funded)

    return await command.run(caller, effect)


@router.post("/measures/{measure_id}/{act}", summary="Record what was done where no service answers")
async def post_measure_act(
    measure_id: UUID,
    act: Literal["acceptance", "decline", "start", "completion", "stop"],
    body: RecordInput,
    request: Request,
    caller: MayRecordMeasures,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """登记措施进展 / by an officer, with evidence; a provider whose service runs answers itself."""
    runtime = runtime_of(request)

    async def effect(uow: UnitOfWork) -> Answer:
        done = await plan_measures.record(
            uow,
            measure_id=str(measure_id),
            version=version,
            standing=_ACTS[act],
            done_on=body.on,
            reason=body.reason,
            attachments=body.attachments,
            within=str(caller.division),
            on=runtime.clock.today(),
            book=await runtime.parameters.book(uow.driver),
        )
        return _answer(done)

    return await command.run(caller, effect)


_ACTS = {
    "acceptance": MeasureStanding.ACCEPTED,
    "decline": MeasureStanding.DECLINED,
    "start": MeasureStanding.STARTED,
    "completion": MeasureStanding.COMPLETED,
    "stop": MeasureStanding.STOPPED,
}


def _told(measure: Measure) -> dict[str, Any]:
    return {"id": measure.id, "version": measure.version, "state": measure.standing.value, "provider": measure.provider}


def _answer(measure: Measure) -> Answer:
    return Answer(200, _told(measure), {"ETag": etag(measure.version)})


def _shown(measure: Measure) -> dict[str, Any]:
    def day(one: date | None) -> str | None:
        return None if one is None else str(one)

    return {
        **_told(measure),
        "category": measure.category,
        "kind": measure.kind.value,
        "covers": list(measure.covers),
        "member_id": measure.member_id,
        "planned_on": str(measure.planned_on),
        "requested_on": day(measure.requested_on),
        "started_on": day(measure.started_on),
        "ended_on": day(measure.ended_on),
        "continues_to": day(measure.continues_to),
        "declined_for": list(measure.declined_for),
        "funding": [
            {"level": f.level, "year": f.year, "source": f.source, "project": f.project, "amount": f"{f.amount:.2f}"}
            for f in measure.funding
        ],
    }

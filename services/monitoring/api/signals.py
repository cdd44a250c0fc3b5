"""Signals over HTTP: the household's own word, departments' warnings, neighbours and the public (M-1.1.5, M-1.1.7)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import audit, correlation, database, pagination
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.runtime import Runtime
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from contracts.money import Yuan
from services.monitoring.api.access import MayReadReporters, MayReadSignals, MayRecordSignals
from services.monitoring.commands import judge_report, judge_signals
from services.monitoring.domain.ids import HouseholdId, MemberId, SignalId
from services.monitoring.domain.judgement import ScreeningFacts
from services.monitoring.domain.signals import Reporter, Signal, Source, check_signal
from services.monitoring.storage import households, signals

router = APIRouter(tags=["signals"])

_LIST = """
select id::text, household_id::text, division, source, kind, occurred_on::text, recorded_on::text, flag_id::text
from signal
where division like $1 || '%' and id > $2::uuid and ($4::uuid is null or household_id = $4)
order by id limit $3
"""
# The audit row is written by the same statement, before data leave.
_REPORTER = """
with found as (
    select channel, name, phone, statement from signal_reporter join signal on signal.id = signal_id
    where signal_id = $1 and division like $2 || '%'
), audited as (
    insert into chassis.audit (person, client, purpose, unmasked, route, search, result_ids, correlation_id)
    select $3, $4, $5, true, '/v1/signals/{signal_id}/reporter', 'by-id', array[$1::text], $6 from found
)
select * from found
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"
Measure = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=2)]


class ReporterInput(Input):
    """Who reported and what was said; stored apart, shown to the guardian of reporters only. All but the channel may be
    left out."""

    channel: str = Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["12345"])
    name: str | None = Field(default=None, max_length=64)
    phone: str | None = Field(default=None, max_length=20)
    statement: str | None = Field(default=None, max_length=2000)


class SignalInput(Input):
    household_id: UUID
    member_id: UUID | None = None
    source: Literal["self-declaration", "social-supervision", "department-warning", "service"]
    kind: str = Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["illness"])
    occurred_on: date
    amount: Yuan | None = Field(default=None, description="What this one record says; sums are ours to make.")
    record_no: str | None = Field(
        default=None, min_length=1, max_length=60, description="The bureau's number: the same record counts once."
    )
    grade: Literal["A", "B", "C", "D"] | None = Field(default=None, description="Of a house, as appraised.")
    litres_per_day: Measure | None = None
    quality_ok: bool | None = None
    fetch_minutes: Measure | None = None
    short_days: Measure | None = None
    category: Literal["低保", "特困", "低保边缘", "刚性支出困难"] | None = None
    reporter: ReporterInput | None = None

    def evidence(self) -> ScreeningFacts:
        """What the signal itself says, before anything is known of the household."""
        return ScreeningFacts(
            amount=self.amount,
            persons=1,
            grade=self.grade,
            litres_per_day=self.litres_per_day,
            quality_ok=self.quality_ok,
            fetch_minutes=self.fetch_minutes,
            short_days=self.short_days,
            category=self.category,
            kind=self.kind,
        )


@router.post("/signals", status_code=201, summary="Record a signal of hardship")
async def post_signal(body: SignalInput, request: Request, caller: MayRecordSignals, command: Command) -> Response:
    """登记线索 / judged at once with what is known of its period; where it crosses, the household is flagged."""
    runtime: Runtime = request.app.state.runtime
    today = runtime.clock.today()

    async def effect(uow: UnitOfWork) -> Answer:
        household = await households.load(uow, HouseholdId(str(body.household_id)), within=str(caller.division))
        household.refuse_if_ended()
        member = None if body.member_id is None else household.member(MemberId(str(body.member_id)))
        signal = Signal(
            id=SignalId(str(uuid4())),
            household_id=household.id,
            member_id=None if member is None else member.id,
            division=household.division,
            source=Source(body.source),
            kind=body.kind,
            occurred_on=body.occurred_on,
            recorded_on=today,
            evidence=body.evidence(),
            record_no=body.record_no,
        )
        check_signal(signal)
        judged = await judge_report.judge(
            uow, signal, household, book=await runtime.parameters.book(uow.driver), known_to=today
        )
        finding = judged.finding
        outcome = await judge_signals.judge_signals(uow, [judged], on=today, keep_uncrossed=True)
        if body.reporter is not None:
            given = body.reporter
            reporter = Reporter(signal_id=signal.id, channel=given.channel, name=given.name, phone=given.phone)
            await signals.add_reporter(uow, reporter, given.statement)
        return Answer(
            201,
            {
                "id": signal.id,
                "flag_id": outcome.signals[0].flag_id,
                "flagged": bool(outcome.raised),
                "finding": {
                    "clause": finding.finding.clause,
                    "code": finding.finding.code,
                    "answer": finding.finding.answer,
                },
            },
            {"Location": f"/v1/signals/{signal.id}"},
        )

    return await command.run(caller, effect)


@router.get("/signals", summary="Recorded signals")
async def list_signals(
    request: Request,
    caller: MayReadSignals,
    page: PageQuery,
    household_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """线索列表 / without reporters and without what was said."""
    runtime: Runtime = request.app.state.runtime
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _LIST, str(caller.division), page.after[0] if page.after else _FIRST_ID, page.limit, household_id
        )
    runtime.audit.add(audit.Read.of(request, caller, "list", [row["household_id"] for row in rows]))
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/signals/{signal_id}/reporter", summary="Who reported a signal, for the guardian of reporters only")
async def get_reporter(signal_id: UUID, request: Request, caller: MayReadReporters) -> Response:
    """举报人 / M-1.1.7: needs the role and a purpose, and is audited before it leaves."""
    runtime: Runtime = request.app.state.runtime
    purpose = audit.purpose_of(caller)
    async with database.connect(runtime.engine) as connection:
        row = await connection.fetchrow(
            _REPORTER,
            signal_id,
            str(caller.division),
            caller.person,
            caller.client,
            purpose,
            correlation.now().correlation_id,
        )
    if row is None:
        raise Missing()
    return JSONResponse(dict(row))

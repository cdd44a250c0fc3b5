"""Flags over HTTP: whom a rule found and why, what waits for an answer, and dismissals (M-1.1.2, M-1.1.3)."""

from collections import Counter
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import audit, database, pagination
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.preconditions import ExpectedVersion
from chassis.runtime import Runtime
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from services.monitoring.api.access import MayDecideFlags, MayReadFlags
from services.monitoring.api.households import narrowed
from services.monitoring.storage import flags, visit_cycles
from services.monitoring.storage.visit_cycles import Asked

router = APIRouter(tags=["flags"])
ANSWER_DAYS = "monitoring.flags.answer-days"

_ONE = """
select id::text, household_id::text, division, rule, period, standing, round, opened_on::text, closed_on::text,
       closing_reason, evidence, version from flag where id = $1 and division like $2 || '%'
"""
_LIST = """
select id::text, household_id::text, division, rule, period, standing, round, opened_on::text, closed_on::text,
       evidence -> -1 -> 'finding' as finding, version
from flag
where division like $1 || '%' and division like $2 || '%' and id > $3::uuid
  and ($5::text is null or standing = $5) and ($6::text is null or rule = $6)
  and ($7::uuid is null or household_id = $7) and ($8::date is null or opened_on >= $8)
order by id limit $4
"""
_BACKLOG = """
select rule, count(*) as open, min(opened_on)::text as oldest,
       count(*) filter (where opened_on + $3::int < $2) as overdue
from flag where standing = 'open' and division like $1 || '%' group by rule order by rule
"""
_AGES = """
select division, least(width_bucket($2::date - opened_on, $3::int[]), cardinality($3::int[])) as age, count(*) as open
from flag where standing = 'open' and division like $1 || '%' group by division, age
"""
_CASES = """
select procedure, count(*) as open, min(opened_on)::text as oldest,
       count(*) filter (where due_on < $2 and not stands_still) as overdue
from case_file where standing = 'open' and division like $1 || '%' group by procedure order by procedure
"""
_MEASURES = """
select standing as state, count(*) as open, min(planned_on)::text as oldest from measure
where standing in ('planned', 'requested', 'declined') and division like $1 || '%' group by standing order by standing
"""
AGES = (0, 8, 16, 31)
"""First days of the ages in which the backlog is shown; the last one is open."""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


class DismissalInput(Input):
    reason: str = Field(pattern=r"^[a-z0-9-]{1,40}$", examples=["covered-by-grant"])


@router.get("/flags", summary="Flagged households and why")
async def list_flags(
    request: Request,
    caller: MayReadFlags,
    page: PageQuery,
    division: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
    standing: Annotated[Literal["open", "dismissed", "case-opened"] | None, Query()] = None,
    rule: Annotated[str | None, Query(max_length=60)] = None,
    household_id: Annotated[UUID | None, Query()] = None,
    since: Annotated[date | None, Query(description="Opened on or after this day.")] = None,
) -> Response:
    """预警列表 / each with the finding it rests on: clause, answer, because, parameters."""
    runtime: Runtime = request.app.state.runtime
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _LIST,
            str(caller.division),
            division,
            page.after[0] if page.after else _FIRST_ID,
            page.limit,
            standing,
            rule,
            household_id,
            since,
        )
    runtime.audit.add(audit.Read.of(request, caller, "list", [row["household_id"] for row in rows]))
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


@router.get("/flags/{flag_id}", summary="One flag with all its evidence")
async def get_flag(flag_id: UUID, request: Request, caller: MayReadFlags) -> Response:
    """预警详情 / every finding that was attached, oldest first."""
    runtime: Runtime = request.app.state.runtime
    async with database.connect(runtime.engine) as connection:
        row = await connection.fetchrow(_ONE, flag_id, str(caller.division))
    if row is None:
        raise Missing()
    runtime.audit.add(audit.Read.of(request, caller, "by-id", [row["household_id"]]))
    return JSONResponse(dict(row), headers={"ETag": f'"{row["version"]}"'})


@router.post("/flags/{flag_id}/dismissal", summary="Close a flag without a case")
async def post_dismissal(
    flag_id: UUID,
    body: DismissalInput,
    request: Request,
    caller: MayDecideFlags,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """排除预警 / only weightier evidence of the same rule and period flags again."""
    runtime: Runtime = request.app.state.runtime

    async def effect(uow: UnitOfWork) -> Answer:
        flag = await flags.load(uow, str(flag_id), within=str(caller.division), expected_version=version)
        flag.dismiss(on=runtime.clock.today(), reason=body.reason)
        await flags.save(uow, [flag])
        return Answer(200, {"id": flag.id, "version": flag.version, "state": flag.standing.value})

    return await command.run(caller, effect)


@router.get("/backlog", summary="What waits for an answer, and for how long")
async def get_backlog(
    request: Request,
    caller: MayReadFlags,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$", description="Within the caller's own.")] = None,
) -> Response:
    """动态清零 / flags by rule, age and village, cases, measures that nobody began, overdue visits (M-1.1.3)."""
    runtime: Runtime = request.app.state.runtime
    within = narrowed(caller, division)
    today = runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        book = await runtime.parameters.book(connection)
        answer_days = book.find(ANSWER_DAYS, today, str(caller.division))
        rows = await connection.fetch(_BACKLOG, within, today, answer_days.whole)
        aged = await connection.fetch(_AGES, within, today, list(AGES))
        cases = await connection.fetch(_CASES, within, today)
        measures = await connection.fetch(_MEASURES, within)
        visits = await visit_cycles.overdue_by_village(connection, Asked(book, within, today))
    ages, villages = Counter[int](), Counter[str]()
    for row in aged:
        ages[row["age"]] += row["open"]
        villages[row["division"]] += row["open"]
    return JSONResponse(
        {
            "day": str(today),
            "answer_days": answer_days.whole,
            "open": ages.total(),
            "flags": [dict(row) for row in rows],
            "ages": [{"from_days": first, "open": ages[place]} for place, first in enumerate(AGES, 1)],
            "cases": [dict(row) for row in cases],
            "measures": [dict(row) for row in measures],
            "overdue_visits": visits.total(),
            "divisions": [{"division": village, "open": villages[village]} for village in sorted(villages)],
        }
    )

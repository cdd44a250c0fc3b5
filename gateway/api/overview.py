"""Overviews from the gateway's own projection: one query on its totals, with the instant to which it is current.

What is not known is unavailable, never zero: a projection that was never read to a heartbeat on every partition, or
that has no household at all, tells nothing.
"""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from chassis import database
from chassis.access import requires
from chassis.identity import Caller
from chassis.worker import Worker
from contracts import access
from contracts.division import DIVISION_CODE
from contracts.errors import Missing
from contracts.events.envelope import state_topic
from gateway.parts import NOT_BUILT, unavailable

router = APIRouter(tags=["overview"])
MayReadOverviews = Annotated[Caller, requires(access.OVERVIEW_READ)]

_OVERVIEW = """
with here as materialized (select * from household_total where division like $1 || '%' and households <> 0),
     flags as materialized (select * from flag_total where division like $1 || '%' and flags <> 0),
     signals as (
         select source, sum(signals) as n from signal_total
         where division like $1 || '%' and month = $2 and signals <> 0 group by 1)
select (select case when bool_and(current_to is not null) then min(current_to) end
        from chassis.positions where topic = $3) as current_to,
       exists (select from household) as has_state,
       json_build_object(
    'households', (select coalesce(sum(households), 0) from here),
    'persons', (select coalesce(sum(persons), 0) from here),
    'by_type', (select coalesce(json_object_agg(household_type, n order by household_type), '{}')
                from (select household_type, sum(households) as n from here group by 1) as t),
    'by_class', (select coalesce(json_object_agg(monitored_class, n order by monitored_class), '{}')
                 from (select monitored_class, sum(households) as n from here group by 1) as t),
    'by_village', (select coalesce(json_object_agg(division, n order by division), '{}')
                   from (select division, sum(households) as n from here group by 1) as t),
    'flags', (select coalesce(json_object_agg(state, rules order by state), '{}')
              from (select state, json_object_agg(rule, n order by rule) as rules
                    from (select state, rule, sum(flags) as n from flags group by 1, 2) as r group by 1) as t),
    'signals', json_build_object(
        'month', to_char($2, 'YYYY-MM'),
        'by_source', (select coalesce(json_object_agg(source, n order by source), '{}') from signals)))::jsonb as body
"""


@router.get("/towns/{division}/overview", summary="How a town (or county, or village) stands")
async def get_overview(
    division: Annotated[str, Path(pattern=DIVISION_CODE)], request: Request, caller: MayReadOverviews
) -> Response:
    """辖区概览 / households, persons, flags by standing and rule, this month's signals by source."""
    if not caller.division.contains(division):
        raise Missing()
    runtime = request.app.state.runtime
    month: date = runtime.clock.today().replace(day=1)
    topic = state_topic("monitoring", runtime.settings.topic_prefix)
    async with database.connect(runtime.engine) as connection:
        row = (await connection.fetch(_OVERVIEW, division, month, topic))[0]
    current_to = _current_to(request.app.state.worker, row["current_to"])
    parts: dict[str, Any] = {name: unavailable("not-built", request) for name in NOT_BUILT}
    if current_to is None or not row["has_state"]:
        parts["monitoring"] = unavailable("projection-not-current-yet", request)
        return JSONResponse({"division": division, "current_to": None, "parts": parts})
    parts["monitoring"] = {"available": True, **row["body"]}
    return JSONResponse({"division": division, "current_to": current_to.isoformat(), "parts": parts})


def _current_to(worker: Worker | None, read_to: datetime | None) -> datetime | None:
    """The instant that stands with the rows; None while a consumer in this process has partitions still unread."""
    consumer = worker.consumer if worker is not None else None
    if consumer is not None and consumer.reading.is_set() and consumer.current_to() is None:
        return None
    return read_to

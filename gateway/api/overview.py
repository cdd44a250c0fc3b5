"""Overviews from the gateway's own projection: one query, with the instant to which it is current."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from chassis import database
from chassis.access import requires
from chassis.identity import Caller
from contracts import access
from contracts.division import DIVISION_CODE
from contracts.errors import Missing

router = APIRouter(tags=["overview"])
MayReadOverviews = Annotated[Caller, requires(access.OVERVIEW_READ)]

_OVERVIEW = """
with here as (select * from household_view where division like $1 || '%' and not ended),
     flags as (select * from flag_view where division like $1 || '%')
select (select count(*) from here) as households, (select coalesce(sum(persons), 0) from here) as persons,
       (select jsonb_object_agg(coalesce(household_type, 'unknown'), n)
        from (select household_type, count(*) as n from here group by 1) as t) as by_type,
       (select jsonb_object_agg(coalesce(monitored_class, 'none'), n)
        from (select monitored_class, count(*) as n from here group by 1) as t) as by_class,
       (select jsonb_object_agg(division, n)
        from (select division, count(*) as n from here group by 1) as t) as by_village,
       (select jsonb_object_agg(standing, rules) from (
            select standing, jsonb_object_agg(rule, n) as rules
            from (select standing, rule, count(*) as n from flags group by 1, 2) as r group by 1) as t) as flags
"""


@router.get("/towns/{division}/overview", summary="How a town (or county, or village) stands")
async def get_overview(
    division: Annotated[str, Path(pattern=DIVISION_CODE)], request: Request, caller: MayReadOverviews
) -> Response:
    """辖区概览 / from the state topics; `current_to` says up to when. What is not known is unavailable, never zero."""
    if not caller.division.contains(division):
        raise Missing()
    worker = request.app.state.worker
    current_to = worker.consumer.current_to() if worker is not None and worker.consumer is not None else None
    unavailable = {"available": False, "because": "not-built"}
    parts = {"employment": unavailable, "assets": unavailable, "relief": unavailable}
    if current_to is None:
        parts["monitoring"] = {"available": False, "because": "projection-not-current-yet"}
        return JSONResponse({"division": division, "current_to": None, "parts": parts})
    async with database.connect(request.app.state.runtime.engine) as connection:
        row = (await connection.fetch(_OVERVIEW, division))[0]
    found = {name: value if value is not None else {} for name, value in dict(row).items()}
    return JSONResponse(
        {
            "division": division,
            "current_to": current_to.isoformat(),
            "parts": {"monitoring": {"available": True, **found}, **parts},
        }
    )

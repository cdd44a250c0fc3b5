"""The routine cycle of visits over HTTP: whom nobody visited in time, one by one and by village (M-1.1.1)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chassis import audit, database, pagination
from chassis.pagination import Page, PageQuery
from contracts.errors import FieldError, Invalid
from services.monitoring.api.access import MayReadScreenings
from services.monitoring.api.households import narrowed, runtime_of
from services.monitoring.storage import visit_cycles
from services.monitoring.storage.visit_cycles import Asked, Overdue

router = APIRouter(tags=["screening"])

Day = Annotated[date | None, Query(description="As of a day; today if none is given.")]
Within = Annotated[str | None, Query(pattern=r"^\d{2,12}$", description="A division within the caller's own.")]


@router.get("/screenings/overdue", summary="Households that nobody visited in time")
async def list_overdue(
    request: Request, caller: MayReadScreenings, page: PageQuery, day: Day = None, division: Within = None
) -> Response:
    """逾期未走访 / longest unvisited first; on the due day a visit is still in time."""
    runtime = runtime_of(request)
    on = day or runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        asked = Asked(await runtime.parameters.book(connection), narrowed(caller, division), on)
        found = await visit_cycles.overdue(connection, asked, _place(page), page.limit)
    runtime.audit.add(audit.Read.of(request, caller, "list", [one.household_id for one in found]))
    last = (str(found[-1].waiting_from), found[-1].household_id) if len(found) == page.limit else None
    items = [_body(one, on) for one in found]
    return JSONResponse({"day": str(on), "items": items}, headers=pagination.next_link(request, last))


@router.get("/screenings/overdue/villages", summary="How many households of each village are overdue")
async def count_overdue(
    request: Request, caller: MayReadScreenings, day: Day = None, division: Within = None
) -> Response:
    """各村逾期户数 / villages without an overdue household are left out."""
    runtime = runtime_of(request)
    on = day or runtime.clock.today()
    async with database.connect(runtime.engine) as connection:
        asked = Asked(await runtime.parameters.book(connection), narrowed(caller, division), on)
        counts = await visit_cycles.overdue_by_village(connection, asked)
    items = [{"division": village, "overdue": counts[village]} for village in sorted(counts)]
    return JSONResponse({"day": str(on), "overdue": counts.total(), "items": items})


def _place(page: Page) -> tuple[date, UUID] | None:
    """The row after which the page begins; raises Invalid for a cursor of another list."""
    if page.after is None:
        return None
    try:
        waiting_from, household_id = page.after
        return date.fromisoformat(str(waiting_from)), UUID(str(household_id))
    except ValueError as error:
        raise Invalid(errors=[FieldError("cursor", "#query.cursor")]) from error


def _body(one: Overdue, on: date) -> dict[str, Any]:
    return {
        "household_id": one.household_id,
        "division": one.division,
        "monitored": one.monitored,
        "last_visit_on": str(one.last_visit_on) if one.last_visit_on else None,
        "due_on": str(one.due_on),
        "overdue_since": str(one.since),
        "days_overdue": (on - one.due_on).days,
    }

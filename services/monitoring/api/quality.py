"""Data quality over HTTP: named findings on one household, and between households of a division (facts.md 2.7)."""

import json
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chassis import database, pagination
from chassis.audit import Read
from chassis.pagination import PageQuery
from chassis.problems import text
from contracts.errors import Missing
from services.monitoring import queries_quality
from services.monitoring.api.access import MayReadHouseholds
from services.monitoring.api.households import narrowed, runtime_of
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.quality import (
    ID_IN_TWO_HOUSEHOLDS,
    PHONE_IN_TWO_HOUSEHOLDS,
    TITLES,
    QualityFinding,
    quality_findings,
)
from services.monitoring.storage import households

router = APIRouter(tags=["data quality"])


@router.get("/households/{household_id}/quality", summary="What does not fit in a household's record")
async def get_household_quality(household_id: UUID, request: Request, caller: MayReadHouseholds) -> Response:
    """数据质量 / findings by code and member, without values; none of them refuses anything."""
    runtime = runtime_of(request)
    day, within = runtime.clock.today(), str(caller.division)
    async with database.connect(runtime.engine) as connection:
        household = await households.read(connection, HouseholdId(str(household_id)), within=within)
        if household is None:
            raise Missing()
        shared = await connection.fetch(queries_quality.OF_ONE_HOUSEHOLD, household_id, within)
    found = [
        *quality_findings(household, day),
        *(QualityFinding(row["code"], MemberId(row["member_id"])) for row in shared),
    ]
    runtime.audit.add(Read.of(request, caller, "quality-by-id", [str(household_id)]))
    return JSONResponse({"day": str(day), "items": [_body(finding, request) for finding in found]})


@router.get("/quality/findings", summary="What does not fit between households")
async def list_quality_findings(
    request: Request,
    caller: MayReadHouseholds,
    page: PageQuery,
    division: Annotated[str | None, Query(pattern=r"^\d{2,12}$")] = None,
    code: Annotated[Literal["id-in-two-households", "phone-in-two-households"] | None, Query()] = None,
) -> Response:
    """跨户数据质量 / the same id or phone in two households of the division; values are masked."""
    runtime = runtime_of(request)
    after_code, after_member = page.after or ("", "")
    async with database.connect(runtime.engine) as connection:
        (row,) = await connection.fetch(
            queries_quality.BETWEEN_HOUSEHOLDS,
            narrowed(caller, division),
            str(after_code),
            str(after_member),
            code,
            page.limit,
        )
    runtime.audit.add(Read.of(request, caller, "quality", row["ids"] or []))
    last = (row["codes"][-1], row["first_member_ids"][-1]) if row["found"] == page.limit else None
    titles = {each: text(TITLES[each], request) for each in (ID_IN_TWO_HOUSEHOLDS, PHONE_IN_TWO_HOUSEHOLDS)}
    body = f'{{"titles": {json.dumps(titles, ensure_ascii=False)}, "items": {row["items"]}}}'
    return Response(body, media_type="application/json", headers=pagination.next_link(request, last))


def _body(finding: QualityFinding, request: Request) -> dict[str, Any]:
    return {"code": finding.code, "title": text(finding.title, request), "member_id": finding.member_id}

"""The registry as the national system's workbook, for the officers who carry it there (facts.md 2.10).

It holds full names and numbers: it needs the unmasked scope and a purpose, and each chunk is audited before it leaves.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from chassis import database
from chassis.audit import MayNotUnmask, Read, purpose_of
from chassis.identity import Caller
from chassis.spreadsheets import MEDIA_TYPE_CSV, MEDIA_TYPE_XLSX, Value, write_csv, write_xlsx
from contracts import access
from contracts.files.national import NATIONAL
from services.monitoring.api.access import MayExport
from services.monitoring.api.households import runtime_of
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.income import IncomeEntry
from services.monitoring.domain.national_rows import HEADINGS, rows_of
from services.monitoring.storage import households, incomes

router = APIRouter(tags=["export"])
CHUNK = 200
# A transaction that still runs may commit rows that bear the instant at which it began.
_READ_AT = """
select least(now(), (select min(xact_start) from pg_stat_activity where datname = current_database()))
"""


@router.get(
    "/exports/national",
    summary="Households under the national system's headings",
    response_class=StreamingResponse,
)
async def get_national_export(
    request: Request,
    caller: MayExport,
    since: Annotated[AwareDatetime | None, Query(description="Only households that changed since; with zone.")] = None,
    format: Annotated[Literal["csv", "xlsx"], Query(description="xlsx keeps long numbers whole in Excel.")] = "csv",
) -> StreamingResponse:
    """导出防返贫监测信息 / one row a member, unmasked: needs household:unmask and X-Purpose.

    The header `Next-Since` is the instant to ask from next time; what lies on it may come twice, and nothing is left
    out. Imported unchanged, the file changes nothing.
    """
    if not caller.may(access.HOUSEHOLD_UNMASK):
        raise MayNotUnmask()
    purpose_of(caller)
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        read_at = await connection.fetchval(_READ_AT)
    rows = _rows(request, caller, since)
    if format == "csv":
        body, media_type = write_csv(HEADINGS, rows), MEDIA_TYPE_CSV
    else:
        spool = runtime.uploads.limits.spool
        body, media_type = write_xlsx(HEADINGS, rows, sheet=NATIONAL.title, spool=spool), MEDIA_TYPE_XLSX
    return StreamingResponse(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename=national-{caller.division}.{format}",
            "Next-Since": read_at.isoformat(),
            "Cache-Control": "private, no-store",
        },
    )


async def _rows(request: Request, caller: Caller, since: datetime | None) -> AsyncIterator[Sequence[Value]]:
    runtime, after = runtime_of(request), ""
    read = Read.of(request, caller, "export", (), unmasked=True)
    while True:
        # A connection for each chunk: a slow reader must not hold one.
        async with database.connect(runtime.engine) as connection:
            found = await households.next_changed(
                connection, after, CHUNK, within=str(caller.division), since=since, read=read
            )
            if not found:
                return
            known = await incomes.standing(connection, [household.id for household in found])
        own: dict[HouseholdId, list[IncomeEntry]] = {household.id: [] for household in found}
        for entry in known:
            own[entry.key.household_id].append(entry)
        after = found[-1].id
        for household in found:
            for row in rows_of(household, own[household.id]):
                yield row

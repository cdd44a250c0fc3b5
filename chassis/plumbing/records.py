"""What can be looked up over HTTP: the clause register, and who read whose personal data."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chassis import database, pagination
from chassis.pagination import PageQuery
from chassis.plumbing.access import MayReadAudit, MayReadPolicy, TheRuntime
from contracts.clauses import clause_register

router = APIRouter()


@router.get("/policy/clauses", summary="The clause register")
async def list_clauses(caller: MayReadPolicy, owner: Annotated[str | None, Query(max_length=20)] = None) -> Response:
    """条款登记册 / every row of the plan, its owner and whether it is built."""
    rows = [clause for clause in clause_register() if owner is None or clause.owner == owner]
    return JSONResponse({"items": [clause.model_dump(mode="json") for clause in rows]})


@router.get("/audit", summary="Who read whose personal data, and why")
async def list_audit(
    caller: MayReadAudit,
    runtime: TheRuntime,
    page: PageQuery,
    request: Request,
    unmasked: Annotated[Literal["true", "false"] | None, Query()] = None,
) -> Response:
    """查阅记录 / the kind of search and the ids, never the data."""
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            "select * from chassis.audit where id > $1 and ($2::boolean is null or unmasked = $2) order by id limit $3",
            page.after[0] if page.after else 0,
            None if unmasked is None else unmasked == "true",
            page.limit,
        )
    items = [dict(row) | {"read_at": row["read_at"].isoformat()} for row in rows]
    last = (rows[-1]["id"],) if len(rows) == page.limit else None
    return JSONResponse({"items": items}, headers=pagination.next_link(request, last))

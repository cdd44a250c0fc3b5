"""Operations over HTTP: how a piece of long work stands, and which rows it could not use."""

from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from chassis import database, operations, pagination
from chassis.pagination import PageQuery
from chassis.plumbing.access import MayReadOperations, TheRuntime
from chassis.problems import text
from contracts.decision import Because
from contracts.errors import Missing

router = APIRouter()


@router.get("/operations/{operation_id}", summary="How a piece of long work stands")
async def get_operation(
    operation_id: UUID, request: Request, caller: MayReadOperations, runtime: TheRuntime
) -> Response:
    """进度与结果 / state, progress, result or problem."""
    row = await operations.find(runtime, operation_id, str(caller.division))
    if row is None:
        raise Missing()
    return JSONResponse(_operation_body(row, request))


@router.get("/operations/{operation_id}/errors", summary="Rows of an operation that could not be used")
async def list_operation_errors(
    operation_id: UUID, request: Request, caller: MayReadOperations, runtime: TheRuntime, page: PageQuery
) -> Response:
    """逐行错误 / line, column and code, never the value."""
    if await operations.find(runtime, operation_id, str(caller.division)) is None:
        raise Missing()
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            "select * from chassis.operation_errors where operation_id = $1 and number > $2 order by number limit $3",
            operation_id,
            page.after[0] if page.after else 0,
            page.limit,
        )
    items = [
        {
            "line": row["line"],
            "column": row["column_name"],
            "code": row["code"],
            "detail": text(Because(zh=row["detail_zh"], en=row["detail_en"]), request),
        }
        for row in rows
    ]
    last = (rows[-1]["number"],) if len(rows) == page.limit else None
    return JSONResponse({"items": items}, headers=pagination.next_link(request, last))


def _operation_body(row: asyncpg.Record, request: Request) -> dict[str, Any]:
    problem = row["problem"]
    if problem is not None:
        for name in ("title", "detail"):
            if name in problem:
                problem[name] = text(Because(**problem[name]), request)
    return {
        "id": str(row["id"]),
        "kind": row["kind"],
        "state": row["state"],
        "division": row["division"],
        "progress": row["progress"],
        "result": row["result"],
        "problem": problem,
        "created_at": row["created_at"].isoformat(),
        "finished_at": row["finished_at"].isoformat() if row["finished_at"] else None,
    }

"""Bureaus' files over HTTP: uploaded for comparison, as an operation (M-1.1.1, M-1.1.2)."""

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from chassis import database, operations, pagination
from chassis.idempotency import Answer
from chassis.identity import Caller
from chassis.pagination import PageQuery
from chassis.runtime import Runtime
from chassis.unit_of_work import UnitOfWork
from chassis.uploading import Upload, operation_answer
from chassis.uploads.copy import StagedFile
from contracts.access import Role
from contracts.decision import Because
from contracts.errors import Forbidden
from contracts.files.bureau import BUREAU_FILES
from contracts.files.columns import FileLayout
from services.monitoring.api.access import MayReadScreenings, MayUploadComparisons
from services.monitoring.commands import compare_file

router = APIRouter(tags=["screening"])
FileKind = Literal["medical", "tuition", "housing", "water", "disaster", "job-loss", "civil-affairs"]
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"

_INSERT = """
insert into comparison (id, kind, month, division, sha256, uploaded_by, uploaded_on, staged)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_LIST = """
select id::text, number, kind, month, division, uploaded_on::text, result from comparison
where division like $1 || '%' and number > $2 and ($4::text is null or kind = $4) and ($5::text is null or month = $5)
order by number limit $3
"""


class NotYourFile(Forbidden):
    code = "not-your-file"
    title = Because(zh="只能上传本单位的文件", en="A bureau's officer uploads the files of that bureau only")


@router.post("/comparisons", status_code=202, summary="Compare a bureau's file with the registry")
async def post_comparison(
    request: Request,
    caller: MayUploadComparisons,
    upload: Upload,
    kind: Annotated[FileKind, Query(description="Which bureau's file this is.")],
    month: Annotated[str, Query(pattern=MONTH, description="The file reaches to its end.", examples=["2024-03"])],
    dry_run: Annotated[bool, Query(description="Report without writing.")] = False,
) -> Response:
    """比对部门数据 / text/csv or xlsx; every row is matched, unmatched, ambiguous or rejected."""
    runtime: Runtime = request.app.state.runtime
    layout = BUREAU_FILES[kind]
    _refuse_other_bureaus(caller, layout)

    async def effect(uow: UnitOfWork, staged: StagedFile) -> Answer:
        arguments = {
            "kind": kind,
            "month": month,
            "table": staged.table,
            "faults": len(staged.faults),
            "dry_run": dry_run,
        }
        operation_id = await operations.accept(
            uow, compare_file.KIND, str(caller.division), arguments, operation_id=staged.upload_id
        )
        if not dry_run:
            await uow.driver.execute(
                _INSERT,
                operation_id,
                kind,
                month,
                str(caller.division),
                staged.sha256,
                caller.person,
                runtime.clock.today(),
                json.dumps({"rows": staged.rows, "size": staged.size, "extra": list(staged.heading.extra)}),
            )
        return operation_answer(operation_id)

    return await upload.run(caller, layout, effect)


@router.get("/comparisons", summary="Files that were compared")
async def list_comparisons(
    request: Request,
    caller: MayReadScreenings,
    page: PageQuery,
    kind: Annotated[FileKind | None, Query()] = None,
    month: Annotated[str | None, Query(pattern=MONTH)] = None,
) -> Response:
    """已比对文件 / with their counts, in the order in which they came."""
    runtime: Runtime = request.app.state.runtime
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch(
            _LIST,
            str(caller.division),
            page.after[0] if page.after else 0,
            page.limit,
            kind,
            month,
        )
    last = (rows[-1]["number"],) if len(rows) == page.limit else None
    return JSONResponse({"items": [dict(row) for row in rows]}, headers=pagination.next_link(request, last))


def _refuse_other_bureaus(caller: Caller, layout: FileLayout) -> None:
    if caller.roles == {Role.BUREAU_OFFICER} and not caller.organisation.endswith(layout.bureau):
        raise NotYourFile()

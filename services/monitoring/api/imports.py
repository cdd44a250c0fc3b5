"""The national system's workbook over HTTP: uploaded for import, as an operation."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from chassis import operations
from chassis.idempotency import Answer
from chassis.unit_of_work import UnitOfWork
from chassis.uploading import Upload, operation_answer
from chassis.uploads.copy import StagedFile
from contracts.files.national import NATIONAL
from services.monitoring.api.access import MayImport
from services.monitoring.commands import import_national

router = APIRouter(tags=["import"])


@router.post("/imports/national", status_code=202, summary="Import households from the national system's workbook")
async def post_national_import(
    request: Request,
    caller: MayImport,
    upload: Upload,
    dry_run: Annotated[bool, Query(description="Report without writing.")] = False,
) -> Response:
    """导入防返贫监测信息 / text/csv or xlsx under the national headings; bad rows by line and column."""

    async def effect(uow: UnitOfWork, staged: StagedFile) -> Answer:
        await import_national.stage_lines(uow.driver, staged.table)
        arguments = {"table": staged.table, "dry_run": dry_run}
        operation_id = await operations.accept(
            uow, import_national.KIND, str(caller.division), arguments, operation_id=staged.upload_id
        )
        return operation_answer(operation_id)

    return await upload.run(caller, NATIONAL, effect)

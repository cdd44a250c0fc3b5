"""Attachments over HTTP: photographs and papers that a visit or a decision cites. Any service may mount this router.

The content is streamed both ways. What it shows may be personal: it is read with a purpose, and the audit row is
written before the first byte leaves.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from chassis import correlation, database
from chassis.access import requires
from chassis.attachments.store import NoSuchAttachment, StoredAttachment
from chassis.audit import purpose_of
from chassis.idempotency import Answer
from chassis.identity import Caller
from chassis.unit_of_work import UnitOfWork
from chassis.uploading import Upload
from contracts import access
from contracts.division import DIVISION_CODE

router = APIRouter(prefix="/attachments", tags=["attachments"])

MayWriteAttachments = Annotated[Caller, requires(access.ATTACHMENT_WRITE)]
MayReadAttachments = Annotated[Caller, requires(access.ATTACHMENT_READ)]

_INSERT = """
insert into chassis.attachments (id, division, purpose, media_type, size_bytes, sha256, person, client)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_RECORD = """
select json_build_object(
    'id', id, 'division', division, 'purpose', purpose, 'media_type', media_type, 'size', size_bytes,
    'sha256', encode(sha256, 'hex'), 'cited', frozen_at is not null)::text as body
from chassis.attachments where id = $1 and division like $2 || '%'
"""
_CONTENT = """
with found as (
    select id, media_type, size_bytes, encode(sha256, 'hex') as sha256 from chassis.attachments
    where id = $1 and division like $2 || '%'
), audited as (
    insert into chassis.audit (person, client, purpose, unmasked, route, search, result_ids, correlation_id)
    select $3, $4, $5, true, '/v1/attachments/{attachment_id}/content', 'by-id', array[id::text], $6 from found
)
select * from found
"""


@router.post("", status_code=201, summary="Store an attachment")
async def post_attachment(
    caller: MayWriteAttachments,
    upload: Upload,
    division: Annotated[str, Query(pattern=DIVISION_CODE, description="Whose officers may read it.")],
    purpose: Annotated[str, Query(pattern=r"^[a-z0-9-]{1,40}$", examples=["visit"])],
) -> Response:
    """上传附件 / JPEG, PNG or PDF as the body; its type is told from its content, and a picture loses its place."""
    if not caller.division.contains(division):
        raise NoSuchAttachment()

    async def effect(uow: UnitOfWork, kept: StoredAttachment) -> Answer:
        await uow.driver.execute(
            _INSERT,
            kept.attachment_id,
            division,
            purpose,
            kept.kind.value,
            kept.size,
            bytes.fromhex(kept.sha256),
            caller.person,
            caller.client,
        )
        body = {
            "id": str(kept.attachment_id),
            "media_type": kept.kind.value,
            "size": kept.size,
            "sha256": kept.sha256,
            "received_sha256": kept.received_sha256,
        }
        return Answer(201, body, {"Location": f"/v1/attachments/{kept.attachment_id}"})

    return await upload.keep(caller, effect)


@router.get("/{attachment_id}", summary="What is known of an attachment")
async def get_attachment(attachment_id: UUID, request: Request, caller: MayReadAttachments) -> Response:
    """附件信息 / its type, size and hash; not its content."""
    async with database.connect(request.app.state.runtime.engine) as connection:
        body = await connection.fetchval(_RECORD, attachment_id, str(caller.division))
    if body is None:
        raise NoSuchAttachment()
    return Response(body, media_type="application/json")


@router.get("/{attachment_id}/content", summary="The content of an attachment", response_class=StreamingResponse)
async def get_attachment_content(attachment_id: UUID, request: Request, caller: MayReadAttachments) -> Response:
    """附件内容 / needs X-Purpose; audited before it leaves."""
    purpose = purpose_of(caller)
    runtime = request.app.state.runtime
    async with database.connect(runtime.engine) as connection:
        row = await connection.fetchrow(
            _CONTENT,
            attachment_id,
            str(caller.division),
            caller.person,
            caller.client,
            purpose,
            correlation.now().correlation_id,
        )
    if row is None:
        raise NoSuchAttachment()
    return StreamingResponse(
        runtime.attachments.read(attachment_id),
        media_type=row["media_type"],
        headers={
            "Content-Length": str(row["size_bytes"]),
            "ETag": f'"{row["sha256"]}"',
            "Content-Disposition": f"attachment; filename={attachment_id}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )

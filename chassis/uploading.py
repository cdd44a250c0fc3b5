"""An upload as a command: the file is staged and its work accepted in one transaction, once per Idempotency-Key.

A repeated upload is compared by its Content-Digest where one is sent, otherwise after reading. A few uploads run at
once; a further one is asked to come again, so that slow senders never take every connection.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID, uuid4

from fastapi import Depends, Header, Request
from fastapi.responses import Response

from chassis import idempotency
from chassis.attachments.store import StoredAttachment
from chassis.idempotency import KEY_PATTERN, Answer, Key, KeyMissing, OperationInProgress
from chassis.identity import Caller
from chassis.unit_of_work import UnitOfWork
from chassis.uploads.copy import StagedFile, stage
from chassis.uploads.csv_stream import OpenFile, open_csv
from chassis.uploads.intake import Announced, Intake, sha256_of
from chassis.uploads.limits import UploadLimits
from chassis.uploads.xlsx_stream import WorkbookReader
from contracts.decision import Because
from contracts.errors import DomainError, FieldError, Invalid
from contracts.files.columns import FileLayout

if TYPE_CHECKING:
    from chassis.runtime import Runtime

AT_ONCE = 3
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyUploads(DomainError):
    status: ClassVar[int] = 503
    code: ClassVar[str] = "too-many-uploads"
    title: ClassVar[Because] = Because(zh="上传过多，请稍后再试", en="Too many uploads at once, try again later")


class UnsupportedFile(Invalid):
    status: ClassVar[int] = 415
    code: ClassVar[str] = "media-type"
    title: ClassVar[Because] = Because(
        zh="请以 text/csv 或 xlsx 上传", en="Send text/csv or the media type of an xlsx workbook"
    )


class Uploads:
    """What a process receives files with: its limits, its one workbook reader, and a place for each sender."""

    def __init__(self, limits: UploadLimits) -> None:
        self.limits = limits
        self._workbooks = WorkbookReader(limits)
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of the places for senders; raises TooManyUploads at once when none is free."""
        if self._places.locked():
            raise TooManyUploads(retry_after_s=5)
        async with self._places:
            yield

    @asynccontextmanager
    async def opened(self, request: Request, layout: FileLayout) -> AsyncIterator[OpenFile]:
        """The body of a request as a file whose headings were found. Raises the errors of uploads/errors.py."""
        media_type, _, parameters = request.headers.get("content-type", "").partition(";")
        announced = announced_by(request, parameters)
        if media_type.strip().lower() == CSV:
            yield await open_csv(request.stream(), layout=layout, limits=self.limits, announced=announced)
        elif media_type.strip().lower() == XLSX:
            async with self._workbooks.opened(request.stream(), layout=layout, announced=announced) as file:
                yield file
        else:
            raise UnsupportedFile()


def announced_by(request: Request, parameters: str = "") -> Announced:
    """What the header fields say about the body."""
    length = request.headers.get("content-length", "")
    charset = next(
        (value.strip('" ') for name, _, value in (p.partition("=") for p in parameters.split(";"))
         if name.strip().lower() == "charset"),
        None,
    )  # fmt: skip
    return Announced(int(length) if length.isdigit() else None, request.headers.get("content-digest"), charset)


Effect = Callable[[UnitOfWork, StagedFile], Awaitable[Answer]]
KeepEffect = Callable[[UnitOfWork, StoredAttachment], Awaitable[Answer]]


class UploadOnce:
    """Stages a file and accepts its work at most once per key. Built by the `Upload` dependency of a route."""

    def __init__(self, request: Request, key_text: str) -> None:
        self.request = request
        self._key_text = key_text

    async def run(self, caller: Caller, layout: FileLayout, effect: Effect) -> Response:
        """The effect's answer, or the stored one. A file that is refused keeps nothing and frees the key."""
        runtime: Runtime = self.request.app.state.runtime
        async with runtime.uploads.place():
            repeated = await self._repeated(runtime, caller)
            if repeated is not None:
                return repeated
            async with runtime.uploads.opened(self.request, layout) as file:
                return await self._stage(runtime, caller, file, effect)

    def _key(self, caller: Caller, digest: bytes) -> Key:
        route = f"{self.request.method} {self.request.url.path}?{self.request.url.query}"
        return Key(caller.client, caller.person, route, self._key_text, digest, caller.division)

    async def _repeated(self, runtime: "Runtime", caller: Caller) -> Response | None:
        """The answer of an upload that is finished, if this is the same one again."""
        async with runtime.units.begin(person=caller.person, client=caller.client) as uow:
            digest = sha256_of(self.request.headers.get("content-digest"))
            found = await idempotency.hash_of(uow.driver, self._key(caller, b""))
            if found is None:
                return None
            if digest is None:
                limits = runtime.uploads.limits
                intake = Intake(
                    self.request.stream(),
                    announced_by(self.request),
                    max_bytes=limits.max_bytes,
                    idle_seconds=limits.idle_seconds,
                )
                async for _ in intake:
                    continue
                digest = bytes.fromhex(intake.sha256)
            return await idempotency.find(uow.driver, self._key(caller, digest))

    async def keep(self, caller: Caller, effect: KeepEffect) -> Response:
        """As `run`, for an attachment: it is kept whole beside the database, and removed again if it is refused.

        Where a commit was asked for and nobody heard its end, the row may be there: then the content stays, and is
        swept after a day if nothing knows of it (chassis/attachments/sweep.py).
        """
        runtime: Runtime = self.request.app.state.runtime
        async with runtime.uploads.place():
            repeated = await self._repeated(runtime, caller)
            if repeated is not None:
                return repeated
            kept = await runtime.attachments.put(uuid4(), self.request.stream(), announced_by(self.request))
            may_be_known = False
            try:
                async with self._once(runtime, caller) as uow:
                    answer = await effect(uow, kept)
                    await self._finish(uow, caller, kept.received_sha256, answer)
                    may_be_known = True
            except BaseException:
                if not may_be_known:
                    await runtime.attachments.remove(kept.attachment_id)
                raise
        return idempotency.respond(answer.status, answer.headers, answer.bytes())

    async def _stage(self, runtime: "Runtime", caller: Caller, file: OpenFile, effect: Effect) -> Response:
        async with self._once(runtime, caller) as uow:
            staged = await stage(uow.driver, file, upload_id=uuid4())
            answer = await effect(uow, staged)
            await self._finish(uow, caller, staged.sha256, answer)
        return idempotency.respond(answer.status, answer.headers, answer.bytes())

    @asynccontextmanager
    async def _once(self, runtime: "Runtime", caller: Caller) -> AsyncIterator[UnitOfWork]:
        """A unit of work in which the key is ours; raises OperationInProgress where it is, or just was, another's."""
        key = self._key(caller, b"")
        async with runtime.units.begin(person=caller.person, client=caller.client) as uow:
            ours = await uow.driver.fetchval("select pg_try_advisory_xact_lock($1)", key.lock)
            if not ours or await idempotency.hash_of(uow.driver, key) is not None:
                raise OperationInProgress(retry_after_s=1)
            yield uow

    async def _finish(self, uow: UnitOfWork, caller: Caller, sha256: str, answer: Answer) -> None:
        await idempotency.store(uow.driver, self._key(caller, bytes.fromhex(sha256)), answer)
        await uow.commit()


async def _upload(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", pattern=KEY_PATTERN, description="Makes a repeated upload have one effect."),
    ] = None,
) -> UploadOnce:
    if idempotency_key is None:
        raise KeyMissing(errors=[FieldError("missing", "#header.Idempotency-Key")])
    return UploadOnce(request, idempotency_key)


Upload = Annotated[UploadOnce, Depends(_upload)]
"""The dependency of every upload: `return await upload.run(caller, layout, effect)`."""


def operation_answer(operation_id: UUID) -> Answer:
    """202 with the operation's address."""
    location = f"/v1/operations/{operation_id}"
    return Answer(202, {"operation_id": str(operation_id), "state": "accepted"}, {"Location": location})

"""Keeps attachments: streamed in, typed by content, cleaned, hashed, and readable as a stream.

`FileStore` keeps them in a directory. Another keeper (an object store) is another class behind `AttachmentStore`; who
may read what, and the audit of reads, belong to the routes and their tables.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from chassis.attachments.kinds import SIGNATURE_BYTES, AttachmentKind, DamagedAttachment, kind_of
from chassis.attachments.pictures import clean_jpeg, clean_png
from chassis.uploads.intake import Announced, Intake
from chassis.uploads.spool import own_directory, read_all, spooled, write_all
from contracts.decision import Because
from contracts.errors import Conflict, Missing

_CLEANERS = {AttachmentKind.JPEG: clean_jpeg, AttachmentKind.PNG: clean_png}
_PDF_END = b"%%EOF"


class NoSuchAttachment(Missing):
    code = "attachment-not-found"


class AttachmentExists(Conflict):
    code = "attachment-exists"
    title = Because(zh="附件编号已使用", en="There is an attachment with this id already")


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """What the record of an attachment should hold."""

    attachment_id: UUID
    kind: AttachmentKind
    size: int
    sha256: str
    """Of the content as it is stored and will be read."""
    received_sha256: str
    """Of the bytes as they were sent; another one when metadata was removed."""


class AttachmentStore(Protocol):
    async def put(self, attachment_id: UUID, body: AsyncIterator[bytes], announced: Announced) -> StoredAttachment: ...

    def read(self, attachment_id: UUID) -> AsyncIterator[bytes]: ...

    async def remove(self, attachment_id: UUID) -> None: ...

    async def stored_before(self, instant: datetime) -> list[UUID]: ...


class FileStore:
    """Attachments as files under one directory, each at a path that follows from its id."""

    def __init__(self, root: Path, *, max_bytes: int, idle_seconds: float = 60.0) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._idle_seconds = idle_seconds

    async def put(self, attachment_id: UUID, body: AsyncIterator[bytes], announced: Announced) -> StoredAttachment:
        """Store an attachment whole or not at all; an id is used once.

        Raises UploadTooLarge, UnknownKind (before the rest is read), DamagedAttachment, DigestMismatch,
        FileTruncated, AttachmentExists.
        """
        intake = Intake(body, announced, max_bytes=self._max_bytes, idle_seconds=self._idle_seconds)
        # Spooled under the root: a rename keeps a file whole only within one file system.
        with spooled(self._root / "incoming", ".received") as received:
            await write_all(received, _of_known_kind(aiter(intake)))
            kind, size, sha256 = await asyncio.to_thread(self._settle, received, attachment_id)
        return StoredAttachment(attachment_id, kind, size, sha256, intake.sha256)

    async def read(self, attachment_id: UUID) -> AsyncIterator[bytes]:
        """The content in pieces. Raises NoSuchAttachment with the first of them."""
        path = self._path(attachment_id)
        if not await asyncio.to_thread(path.exists):
            raise NoSuchAttachment
        async for chunk in read_all(path):
            yield chunk

    async def remove(self, attachment_id: UUID) -> None:
        """Erase the content; nothing happens when there is none."""
        await asyncio.to_thread(self._path(attachment_id).unlink, missing_ok=True)

    async def stored_before(self, instant: datetime) -> list[UUID]:
        """The ids of all content that was stored before an instant, whoever knows of it."""
        return await asyncio.to_thread(self._stored_before, instant.timestamp())

    def _stored_before(self, instant: float) -> list[UUID]:
        # The first two levels are the spread of ids (see _path); what is being received lies beside them.
        return [UUID(hex=path.name) for path in self._root.glob("??/??/*") if path.stat().st_mtime < instant]

    def _settle(self, received: Path, attachment_id: UUID) -> tuple[AttachmentKind, int, str]:
        """Clean what was received and put it in its place. Runs in a thread; holds one attachment in memory."""
        data = received.read_bytes()
        kind = kind_of(data[:SIGNATURE_BYTES])
        target = self._path(attachment_id)
        digest, size = hashlib.sha256(), 0
        with spooled(self._root / "incoming", ".cleaned") as cleaned:
            with cleaned.open("wb") as file:
                for piece in cleaned_content(kind, data):
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            own_directory(target.parent)
            # A link, not a rename: it fails where a rename would silently replace what someone has cited.
            try:
                target.hardlink_to(cleaned)
            except FileExistsError as error:
                raise AttachmentExists from error
        _fsync_directory(target.parent)
        return kind, size, digest.hexdigest()

    def _path(self, attachment_id: UUID) -> Path:
        # Time-ordered ids share their beginning; their hash spreads them evenly over the directories.
        spread = hashlib.sha256(attachment_id.bytes).hexdigest()
        return self._root / spread[:2] / spread[2:4] / attachment_id.hex


def cleaned_content(kind: AttachmentKind, data: bytes) -> Iterator[bytes]:
    """The content as it is stored. A PDF is stored as it came: what its author wrote into it stays."""
    clean = _CLEANERS.get(kind)
    if clean:
        yield from clean(data)
    elif _PDF_END not in data[-1024:]:
        raise DamagedAttachment
    else:
        yield data


async def _of_known_kind(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, refused at their beginning when they are not of a kind that is accepted."""
    beginning = b""
    async for chunk in chunks:
        if len(beginning) >= SIGNATURE_BYTES:
            yield chunk
            continue
        beginning += chunk
        if len(beginning) >= SIGNATURE_BYTES:
            kind_of(beginning)
            yield beginning
    if len(beginning) < SIGNATURE_BYTES:
        kind_of(beginning)
        yield beginning


def _fsync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

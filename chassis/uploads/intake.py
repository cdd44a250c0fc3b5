"""Takes the bytes of an upload from the socket: counts, hashes, and refuses as soon as a limit is known to be broken.

Nothing is kept here. An upload is complete only when the iteration has ended without an error: until then a caller
must be able to undo what it did with the bytes.
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from chassis.uploads.errors import DigestMismatch, FileTruncated, UploadTooLarge
from contracts.decision import Because

_SLICE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Announced:
    """What the request's header fields say about the body."""

    content_length: int | None = None
    content_digest: str | None = None
    charset: str | None = None


class Intake:
    """The body of one upload, to be iterated once."""

    def __init__(
        self, body: AsyncIterator[bytes], announced: Announced, *, max_bytes: int, idle_seconds: float
    ) -> None:
        if announced.content_length is not None and announced.content_length > max_bytes:
            raise UploadTooLarge(max_bytes)
        self._body = body
        self._announced = announced
        self._digest = sha256_of(announced.content_digest)
        self._max_bytes = max_bytes
        self._idle_seconds = idle_seconds
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes received so far."""
        return self._hash.hexdigest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in pieces of at most 64 KiB, so that no single step holds the event loop for long."""
        while chunk := await self._next():
            self.size += len(chunk)
            if self.size > self._max_bytes:
                raise UploadTooLarge(self._max_bytes)
            self._hash.update(chunk)
            for start in range(0, len(chunk), _SLICE):
                yield chunk[start : start + _SLICE]
        self._require_whole()

    async def _next(self) -> bytes:
        """The next piece that is not empty, or an empty one at the end."""
        try:
            async with asyncio.timeout(self._idle_seconds):
                async for chunk in self._body:
                    if chunk:
                        return chunk
        except TimeoutError as error:
            raise FileTruncated(Because(zh="发送方长时间无数据", en="The sender fell silent")) from error
        return b""

    def _require_whole(self) -> None:
        length = self._announced.content_length
        if length is not None and self.size != length:
            raise FileTruncated(
                Because(zh=f"应为 {length} 字节，收到 {self.size}", en=f"{length} bytes announced, {self.size} came")
            )
        if self._digest is not None and self._digest != self._hash.digest():
            raise DigestMismatch


def sha256_of(content_digest: str | None) -> bytes | None:
    """The SHA-256 that a Content-Digest field (RFC 9530) announces; None when it names other algorithms only.

    Raises DigestMismatch when the sha-256 member is not a byte sequence of 32 bytes: it could never match.
    """
    for member in (content_digest or "").split(","):
        name, _, value = member.strip().partition("=")
        if name.lower() != "sha-256":
            continue
        value = value.partition(";")[0].strip()
        if len(value) < 2 or value[0] != ":" or value[-1] != ":":
            raise DigestMismatch
        try:
            digest = base64.b64decode(value[1:-1], validate=True)
        except binascii.Error as error:
            raise DigestMismatch from error
        if len(digest) != 32:
            raise DigestMismatch
        return digest
    return None

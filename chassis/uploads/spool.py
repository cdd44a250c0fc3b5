"""Files on disk for the time of one request: a workbook that is read, an export that is written.

They hold personal data: the directory and the files are ours alone, and each is removed when its use ends. What a
killed process left behind is removed by `sweep` at the next start.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

READ_BYTES = 64 * 1024


def own_directory(directory: Path) -> Path:
    """The directory, made for this user alone where it was missing."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


@contextmanager
def spooled(directory: Path, suffix: str) -> Iterator[Path]:
    """An empty file of our own, gone afterwards."""
    handle, name = tempfile.mkstemp(suffix=suffix, prefix="spool-", dir=own_directory(directory))
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


async def write_all(path: Path, chunks: AsyncIterator[bytes]) -> None:
    """Write a stream to a file, off the event loop."""
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in chunks:
            await asyncio.to_thread(file.write, chunk)


async def read_all(path: Path) -> AsyncIterator[bytes]:
    """The content of a file in pieces, off the event loop."""
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, READ_BYTES):
            yield chunk


def sweep(directory: Path, *, older_than_seconds: float) -> int:
    """Remove what dead processes left in the spool, and say how many files that were."""
    removed = 0
    for path in own_directory(directory).glob("spool-*"):
        if time.time() - path.stat().st_mtime > older_than_seconds:
            path.unlink(missing_ok=True)
            removed += 1
    return removed

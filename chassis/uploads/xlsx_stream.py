"""Reads workbooks through a process of their own, one at a time, into the import path of CSV.

The process may use 1.5 GiB and 120 s (settings); whatever ends it is a reported error of that upload, never of the
service.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from chassis.uploads.csv_stream import OpenFile, open_rows
from chassis.uploads.errors import REFUSALS, WorkerDied, WorkerTimeout
from chassis.uploads.intake import Announced, Intake
from chassis.uploads.limits import UploadLimits
from chassis.uploads.spool import READ_BYTES, spooled, write_all
from chassis.uploads.xlsx_container import read_directory
from chassis.uploads.xlsx_worker import REFUSED
from contracts.decision import Because
from contracts.files.columns import FileLayout

T = TypeVar("T")
ROOT = Path(__file__).parents[2]


class WorkbookReader:
    """The one place in a process through which workbooks pass; made at start-up and shared by all requests."""

    def __init__(self, limits: UploadLimits) -> None:
        self.limits = limits
        self._turn = asyncio.Semaphore(1)

    @asynccontextmanager
    async def opened(
        self, body: AsyncIterator[bytes], *, layout: FileLayout, announced: Announced
    ) -> AsyncIterator[OpenFile]:
        """Spool a workbook, look at its directory, wait for its turn, and begin to read its first visible sheet."""
        limits = self.limits
        intake = Intake(body, announced, max_bytes=limits.max_xlsx_bytes, idle_seconds=limits.idle_seconds)
        with spooled(limits.spool, ".xlsx") as path:
            await write_all(path, aiter(intake))
            await asyncio.to_thread(read_directory, path, limits)
            async with aclosing(self._rows_of(path)) as chunks:
                yield OpenFile(await open_rows(chunks, layout, limits, charset="utf-8"), intake, layout)

    async def _rows_of(self, path: Path) -> AsyncGenerator[bytes, None]:
        """The first visible sheet of a spooled workbook as CSV. Waits for its turn."""
        async with self._turn, _worker(path, self.limits) as process:
            assert process.stdout is not None
            deadline = asyncio.get_running_loop().time() + self.limits.worker_seconds
            while chunk := await _before(deadline, process.stdout.read(READ_BYTES)):
                yield chunk
            await _require_success(process, deadline)


@asynccontextmanager
async def _worker(path: Path, limits: UploadLimits) -> AsyncIterator[Process]:
    settings = json.dumps({**asdict(limits), "spool": str(limits.spool)})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chassis.uploads.xlsx_worker", str(path), settings,
        stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=PIPE, cwd=ROOT, env=_bare_environment(),
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        # Its pipes are read to the end: a process that still writes would never be waited for.
        await process.communicate()


def _bare_environment() -> dict[str, str]:
    """None of the service's secrets: only where Python finds its packages."""
    return {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}


async def _before(deadline: float, step: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout_at(deadline):
            return await step
    except TimeoutError as error:
        raise WorkerTimeout from error


async def _require_success(process: Process, deadline: float) -> None:
    assert process.stderr is not None
    said = await _before(deadline, process.stderr.read(10_000))
    status = await _before(deadline, process.wait())
    if status == 0:
        return
    if status == REFUSED:
        told = json.loads(said)
        detail = told["detail"]
        raise REFUSALS[told["code"]](Because(**detail) if detail else None)
    raise WorkerDied

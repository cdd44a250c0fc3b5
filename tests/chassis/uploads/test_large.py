"""Half a gigabyte of CSV passes through one process whose memory does not grow with it."""

import gc
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from chassis.uploads import errors
from chassis.uploads.copy import drop_staged, stage
from chassis.uploads.csv_stream import open_csv
from chassis.uploads.intake import Announced
from chassis.uploads.limits import UploadLimits
from tests.chassis.uploads.files import HEADINGS, LAYOUT, ROW

SIZE = 500_000_000
PIECE = 64 * 1024


async def half_a_gigabyte(tally: list[int]) -> AsyncIterator[bytes]:
    """Made while it is read; pieces of a socket's size, cut anywhere."""
    headings = HEADINGS.encode()
    yield headings
    row = ROW.encode()
    block = row * (PIECE // len(row) + 2)
    sent = 0
    left = (SIZE - len(headings)) // len(row) * len(row)
    while left:
        piece = block[sent % len(row) :][: min(PIECE, left)]
        sent, left = sent + len(piece), left - len(piece)
        tally[0] += len(piece)
        yield piece


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_500_mb_are_staged_with_flat_memory(database: asyncpg.Connection, limits: UploadLimits) -> None:
    tally = [0]
    wide = replace(limits, max_bytes=SIZE, max_rows=100_000_000)
    upload_id = uuid4()
    gc.collect()
    tracemalloc.start()
    try:
        file = await open_csv(half_a_gigabyte(tally), layout=LAYOUT, limits=wide, announced=Announced())
        staged = await stage(database, file, upload_id=upload_id)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        await drop_staged(database, upload_id)
    assert staged.rows == tally[0] // len(ROW.encode())
    assert staged.size > 499_000_000
    assert peak < 8_000_000


async def test_500_mb_are_refused_when_the_limit_is_passed(limits: UploadLimits, database: asyncpg.Connection) -> None:
    tally = [0]
    small = replace(limits, max_bytes=1_000_000)
    file = await open_csv(half_a_gigabyte(tally), layout=LAYOUT, limits=small, announced=Announced())
    with pytest.raises(errors.UploadTooLarge):
        await stage(database, file, upload_id=uuid4())
    assert tally[0] < 1_100_000

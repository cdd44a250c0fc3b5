"""Builders of uploaded files: a small layout, its headings, bodies cut into pieces."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg

from chassis.uploads.copy import StagedFile, stage
from chassis.uploads.csv_stream import open_csv
from chassis.uploads.intake import Announced
from chassis.uploads.limits import UploadLimits
from contracts.files.columns import Cell, Column, FileLayout

LAYOUT = FileLayout(
    "visits",
    "卫健委",
    "就诊明细",
    (
        Column("姓名", "name", Cell.TEXT),
        Column("证件号码", "resident_id", Cell.RESIDENT_ID),
        Column("结算日期", "occurred_on", Cell.DATE),
        Column("个人自付(元)", "amount", Cell.YUAN),
        Column("医疗类别", "care", Cell.CODE, required=False, codes=("住院", "门诊")),
    ),
)
HEADINGS = "姓名,证件号码,结算日期,个人自付(元),医疗类别\n"
ROW = "阿拉坦其其格,11010519491231002X,2024-03-05,120.50,住院\n"


async def pieces(data: bytes, size: int = 7) -> AsyncIterator[bytes]:
    """A body that comes in pieces which respect neither characters nor rows."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def staged(
    database: asyncpg.Connection,
    content: str | bytes,
    limits: UploadLimits,
    *,
    layout: FileLayout = LAYOUT,
    upload_id: UUID | None = None,
    size: int = 7,
    **announced: object,
) -> StagedFile:
    """The file as it lies in the database after an upload."""
    data = content.encode() if isinstance(content, str) else content
    file = await open_csv(
        pieces(data, size),
        layout=layout,
        limits=limits,
        announced=Announced(**announced),  # type: ignore[arg-type]
    )
    return await stage(database, file, upload_id=upload_id or uuid4())


async def rows(database: asyncpg.Connection, file: StagedFile) -> list[tuple[object, ...]]:
    """All rows: line number, then the cells in the order of the file."""
    names = ", ".join(f'"{name}"' for name in file.heading.fields)
    return [tuple(row) for row in await database.fetch(f"SELECT line, {names} FROM {file.table} ORDER BY line")]


async def tables(database: asyncpg.Connection) -> int:
    """How many files are staged."""
    counted = await database.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'uploads'")
    return int(counted) - 1

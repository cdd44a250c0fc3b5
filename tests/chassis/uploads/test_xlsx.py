"""Workbooks: read through a process of their own, and hostile ones that end no other process."""

import asyncio
import io
import os
import signal
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import xlsxwriter

from chassis.uploads import errors, xlsx_stream
from chassis.uploads.copy import StagedFile, stage
from chassis.uploads.intake import Announced
from chassis.uploads.limits import UploadLimits
from chassis.uploads.xlsx_container import read_directory
from chassis.uploads.xlsx_guard import column_number, guard
from chassis.uploads.xlsx_stream import WorkbookReader
from chassis.uploads.xlsx_worker import cell_text
from contracts.errors import DomainError
from tests.chassis.uploads.files import LAYOUT, pieces, rows, tables

HEADINGS = [column.heading for column in LAYOUT.columns]
SHEET = "xl/worksheets/sheet1.xml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType="application/xml"/></Types>'
)


def workbook(*table: list[object], hidden_first: bool = False) -> bytes:
    """A workbook as Excel would have it, with text cells, numbers and real dates."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as book:
        if hidden_first:
            book.add_worksheet("说明").hide()
        sheet = book.add_worksheet("明细")
        sheet.activate()
        sheet.set_first_sheet()
        for line, row in enumerate(table):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, column, value)
                elif value is not None:
                    sheet.write(line, column, value)
    return target.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose only sheet is this XML."""
    source, target = zipfile.ZipFile(io.BytesIO(workbook(HEADINGS))), io.BytesIO()
    with source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for part in source.infolist():
            made.writestr(part.filename, xml if part.filename == SHEET else source.read(part))
    return target.getvalue()


def sheet_xml(cells: str, dimension: str = "A1:B2") -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'
    ).encode()


async def read(database: asyncpg.Connection, content: bytes, limits: UploadLimits) -> StagedFile:
    reader = WorkbookReader(limits)
    async with reader.opened(pieces(content, 10_000), layout=LAYOUT, announced=Announced()) as file:
        return await stage(database, file, upload_id=uuid4())


async def test_a_workbook_is_read_like_a_csv_file(database: asyncpg.Connection, limits: UploadLimits) -> None:
    content = workbook(
        ["敖勒召其镇就诊明细"],
        [],
        HEADINGS,
        ["阿拉坦,其其格", "11010519491231002X", date(2024, 3, 5), 120.5, "住院"],
        [],
        ["张三\n四", 110105194912310021, "2024/3/5", 0.1 + 0.2, None],
        hidden_first=True,
    )
    file = await read(database, content, limits)
    assert await rows(database, file) == [
        (4, "阿拉坦,其其格", "11010519491231002X", "2024-03-05", "120.5", "住院"),
        (6, "张三\n四", "1.10105E+17", "2024/3/5", "0.3", None),
    ]
    assert (file.rows, file.faults, file.size) == (2, (), len(content))
    assert not list(limits.spool.iterdir())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2024, 3, 5), "2024-03-05"),  # noqa: DTZ001
        (datetime(2024, 3, 5, 8, 30), "2024-03-05 08:30:00"),  # noqa: DTZ001
        (12.0, "12"),
        (999_999_999_999_999.0, "999999999999999"),
        (1_000_000_000_000_000.0, "1.00000E+15"),
        (True, "TRUE"),
        ("a\x00b", "ab"),
    ],
)
def test_cells_become_text_without_lost_digits_passing_for_digits(value: object, text: str) -> None:
    assert cell_text(value) == text  # type: ignore[arg-type]


def bomb() -> bytes:
    target = io.BytesIO(workbook(HEADINGS))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(30_000_000))
    return target.getvalue()


def lying_bomb() -> bytes:
    """The directory declares one byte for what inflates to thirty million."""
    content = bomb()
    return content.replace(struct.pack("<L", 30_000_000), struct.pack("<L", 1))


def overlapping() -> bytes:
    """Many entries of the directory that point at the same content."""
    content = bytearray(bomb())
    end = content.rfind(b"PK\x05\x06")
    size, start = struct.unpack_from("<LL", content, end + 12)
    directory = bytes(content[start : start + size])
    last = directory[directory.rfind(b"PK\x01\x02") :]
    entries = directory + last * 5
    counts = struct.unpack_from("<H", content, end + 8)[0] + 5
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, counts, counts, len(entries), start, 0)
    return bytes(content[:start]) + entries + tail


def many_parts() -> bytes:
    target = io.BytesIO(workbook(HEADINGS))
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(100):
            archive.writestr(f"xl/media/{number}", b"")
    return target.getvalue()


def without_workbook() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "x")
    return target.getvalue()


def damaged_inside() -> bytes:
    """Whole by its directory, but the content of the sheet was overwritten."""
    content = bytearray(workbook(HEADINGS, *[["x"] * 5] * 200))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        at = archive.getinfo(SHEET).header_offset
    content[at + 80 : at + 200] = b"\xff" * 120
    return bytes(content)


DEEP = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
HOSTILE = {
    "not-a-zip": (b"name,id\n", errors.FileFormat),
    "old-excel": (b"\xd0\xcf\x11\xe0" + bytes(500), errors.FileFormat),
    "empty": (b"", errors.FileFormat),
    "zip-without-workbook": (without_workbook(), errors.FileFormat),
    "cut-off": (workbook(HEADINGS)[:-200], errors.FileTruncated),
    "cut-off-early": (workbook(HEADINGS)[:40], errors.FileTruncated),
    "damaged-inside": (damaged_inside(), errors.FileTruncated),
    "zip-bomb": (bomb(), errors.ZipBomb),
    "zip-bomb-that-lies": (lying_bomb(), errors.ZipBomb),
    "overlapping": (overlapping(), errors.ZipBomb),
    "too-many-parts": (many_parts(), errors.ZipBomb),
    "lying-dimension": (with_sheet(sheet_xml("", "A1:XFD1048576")), errors.WrongDimension),
    "no-dimension": (with_sheet(sheet_xml("", "nothing")), errors.WrongDimension),
    "far-corner": (
        with_sheet(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"/></row>')),
        errors.WrongDimension,
    ),
    "far-row-without-references": (
        with_sheet(sheet_xml('<row r="3000001"><c><v>1</v></c></row>')),
        errors.WrongDimension,
    ),
    "document-type": (with_sheet(DEEP.encode() + sheet_xml("")), errors.FileFormat),
    "not-xml": (with_sheet(b"name,id"), errors.FileFormat),
    "unfinished-xml": (with_sheet(sheet_xml("")[:-20]), errors.FileFormat),
}


@pytest.mark.parametrize(("content", "refusal"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_workbook_is_refused_by_name_and_nothing_is_kept(
    database: asyncpg.Connection, limits: UploadLimits, content: bytes, refusal: type[DomainError]
) -> None:
    before = await tables(database)
    with pytest.raises(refusal) as refused:
        await read(database, content, replace(limits, max_xlsx_entries=60))
    assert refused.value.errors[0].code == refusal.code
    assert await tables(database) == before
    assert not list(limits.spool.iterdir())


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    return path


def test_the_directory_is_judged_before_it_is_read(tmp_path: Path, limits: UploadLimits) -> None:
    path = written(tmp_path, many_parts())
    with zipfile.ZipFile(path) as archive:
        parts = len(archive.infolist())
    assert len(read_directory(path, replace(limits, max_xlsx_entries=parts))) == parts
    with pytest.raises(errors.ZipBomb):
        read_directory(path, replace(limits, max_xlsx_entries=parts - 1))


def test_the_expansion_may_reach_its_limit_and_not_pass_it(tmp_path: Path, limits: UploadLimits) -> None:
    path = written(tmp_path, workbook(HEADINGS))
    with zipfile.ZipFile(path) as archive:
        expanded = sum(part.file_size for part in archive.infolist())
    guard(path, replace(limits, max_expansion_bytes=expanded))
    with pytest.raises(errors.ZipBomb):
        guard(path, replace(limits, max_expansion_bytes=expanded - 1))


@pytest.mark.parametrize(
    ("limit", "accepted"),
    [
        ({"max_xlsx_cells": 6}, True),
        ({"max_xlsx_cells": 5}, False),
        ({"max_columns": 3}, True),
        ({"max_columns": 2}, False),
        ({"max_rows": 2}, True),
        ({"max_rows": 1}, False),
    ],
)
def test_a_sheet_may_span_exactly_what_is_allowed(
    tmp_path: Path, limits: UploadLimits, limit: dict[str, int], accepted: bool
) -> None:
    path = written(tmp_path, with_sheet(sheet_xml('<row><c r="A1"/></row><row><c/><c/><c/></row>', "A1")))
    if accepted:
        guard(path, replace(limits, **limit))
    else:
        with pytest.raises(errors.WrongDimension):
            guard(path, replace(limits, **limit))


def test_a_workbook_with_a_64_bit_end_is_read(tmp_path: Path, limits: UploadLimits) -> None:
    content = workbook(HEADINGS)
    end = content.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HLL", content, end + 10)
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    path = written(tmp_path, content[:end] + end_64 + locator + content[end:])
    assert len(read_directory(path, limits)) == count
    with pytest.raises(errors.ZipBomb):
        read_directory(path, replace(limits, max_xlsx_entries=count - 1))


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16_384)])
def test_columns_are_counted_as_spreadsheets_letter_them(letters: str, number: int) -> None:
    assert column_number(letters) == number


def worker_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Puts a program of this test in the worker's place: a process of its own all the same."""
    package = tmp_path / "chassis" / "uploads"
    package.mkdir(parents=True)
    (tmp_path / "chassis" / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "xlsx_worker.py").write_text(code)
    monkeypatch.setattr(xlsx_stream, "ROOT", tmp_path)


ROWS = ",".join(HEADINGS) + "\\n" + "阿拉坦,2,2024-03-05,4,住院\\n" * 10


@pytest.mark.parametrize("sign", [signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV])
async def test_a_worker_that_is_killed_half_way_is_an_error_of_its_upload_only(
    database: asyncpg.Connection,
    limits: UploadLimits,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sign: signal.Signals,
) -> None:
    code = f'import os, sys, time\nsys.stdout.write("{ROWS}")\nsys.stdout.flush()\nos.kill(os.getpid(), {sign.value})\n'
    before = await tables(database)
    with monkeypatch.context() as patched:
        worker_that(tmp_path, patched, code)
        with pytest.raises(errors.WorkerDied):
            await read(database, workbook(HEADINGS), limits)
    assert await tables(database) == before
    assert (await read(database, workbook(HEADINGS, ["张三", "1", "2", "3"]), limits)).rows == 1


async def test_a_worker_that_does_not_end_is_killed(
    database: asyncpg.Connection, limits: UploadLimits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "pid"
    code = f'import os, signal\nopen("{mark}", "w").write(str(os.getpid()))\nsignal.pause()\n'
    worker_that(tmp_path, monkeypatch, code)
    with pytest.raises(errors.WorkerTimeout):
        await read(database, workbook(HEADINGS), replace(limits, worker_seconds=2))
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


async def test_a_workbook_that_needs_more_memory_than_the_worker_may_have_ends_the_worker_only(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    # Two cells span a rectangle of 600 million: more than the address space, if the measure let them through.
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="3000000"><c r="GR3000000"><v>1</v></c></row>'
    with pytest.raises(errors.WorkerDied):
        await read(database, with_sheet(sheet_xml(far)), replace(limits, max_xlsx_cells=10**9))


async def test_the_worker_cannot_see_the_secrets_of_the_service(
    database: asyncpg.Connection, limits: UploadLimits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUWANG_PERSON_KEY_SECRET", "planted")
    header = ",".join(HEADINGS) + "\\n"
    code = f'import os\nprint("{header}" + ("是" if "planted" in os.environ.values() else "否") + ",2,3,4,5")\n'
    worker_that(tmp_path, monkeypatch, code)
    file = await read(database, workbook(HEADINGS), limits)
    assert (await rows(database, file))[0][1] == "否"


async def test_workbooks_pass_one_at_a_time(
    database: asyncpg.Connection, limits: UploadLimits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker that finds another at work dies; each writes more than a pipe holds, so that it lasts.
    alone = tmp_path / "alone"
    code = (
        f'import os, sys\nos.close(os.open("{alone}", os.O_CREAT | os.O_EXCL))\n'
        f'sys.stdout.write("{ROWS}" * 10_000)\nsys.stdout.flush()\nos.unlink("{alone}")\n'
    )
    worker_that(tmp_path, monkeypatch, code)
    reader = WorkbookReader(limits)

    async def lines() -> int:
        async with reader.opened(pieces(workbook(HEADINGS), 9_000), layout=LAYOUT, announced=Announced()) as file:
            return sum([block.count(b"\n") async for block in file.stream.blocks()])

    assert await asyncio.gather(lines(), lines(), lines()) == [109_999] * 3


async def test_a_workbook_over_the_limit_is_refused_while_it_comes(limits: UploadLimits) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"PK\x03\x04" * 100

    reader = WorkbookReader(replace(limits, max_xlsx_bytes=10_000))
    with pytest.raises(errors.UploadTooLarge):
        async with reader.opened(endless(), layout=LAYOUT, announced=Announced()):
            pass
    assert not list(limits.spool.iterdir())


def test_the_inflated_bytes_of_the_bomb_are_what_the_test_says() -> None:
    assert len(zlib.compress(bytes(30_000_000))) * 250 < 30_000_000 * 10
    assert len(bomb()) * 250 < 30_000_000

"""A CSV file comes in: charsets, headings below titles, malformed rows, and files that are refused whole."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.uploads import errors
from chassis.uploads.copy import drop_staged, stage, table_of
from chassis.uploads.csv_stream import open_csv
from chassis.uploads.findings import cell_problems, read_columns
from chassis.uploads.intake import Announced, Intake
from chassis.uploads.limits import UploadLimits
from contracts.errors import DomainError
from tests.chassis.uploads.files import HEADINGS, LAYOUT, ROW, pieces, rows, staged, tables

CELLS = ("阿拉坦其其格", "11010519491231002X", "2024-03-05", "120.50", "住院")


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ((HEADINGS + ROW).encode(), None),
        ((HEADINGS + ROW).encode("utf-8-sig"), None),
        ((HEADINGS + ROW).encode("utf-8-sig"), "gb18030"),
        ((HEADINGS + ROW).encode("gb18030"), None),
        ((HEADINGS + ROW).encode("gbk"), '"GB2312"'),
        ((HEADINGS + ROW).replace("\n", "\r\n").encode(), "UTF-8"),
        ((HEADINGS + ROW).removesuffix("\n").encode(), None),
    ],
)
async def test_the_same_rows_are_read_whatever_program_wrote_the_file(
    database: asyncpg.Connection, limits: UploadLimits, data: bytes, charset: str | None
) -> None:
    for size in (1, 7, 70_000):
        file = await staged(database, data, limits, charset=charset, size=size)
        assert await rows(database, file) == [(2, *CELLS)]
        assert (file.rows, file.faults, file.size) == (1, (), len(data))
        assert file.sha256 == hashlib.sha256(data).hexdigest()


async def test_an_unknown_character_beyond_gbk_is_read_from_gb18030(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    file = await staged(database, (HEADINGS + ROW.replace("阿拉坦其其格", "㼆𠮷")).encode("gb18030"), limits)
    assert (await rows(database, file))[0][1] == "㼆𠮷"


@pytest.mark.parametrize("charset", ["utf-8", None])
async def test_a_broken_character_far_below_names_its_line(
    database: asyncpg.Connection, limits: UploadLimits, charset: str | None
) -> None:
    data = (HEADINGS + ROW * 2_000).encode() + b"\xff\xfe,,,,\n"
    with pytest.raises(errors.WrongEncoding) as refused:
        await staged(database, data, limits, charset=charset, size=10_000)
    assert refused.value.errors[0].line == 2_002


@pytest.mark.parametrize(
    ("data", "charset", "code"),
    [
        (HEADINGS.encode("utf-16"), None, "encoding"),
        (HEADINGS.encode(), "shift-jis", "encoding"),
        (HEADINGS.encode("gb18030") + b"\xff\xff", None, "encoding"),
        (b"PK\x03\x04and so on", None, "file-format"),
        (b"%PDF-1.7", None, "file-format"),
    ],
)
async def test_what_is_no_csv_text_is_refused(
    database: asyncpg.Connection, limits: UploadLimits, data: bytes, charset: str | None, code: str
) -> None:
    with pytest.raises(errors.FileRefused) as refused:
        await staged(database, data, limits, charset=charset)
    assert refused.value.errors[0].code == code


async def test_headings_are_found_below_titles_and_row_numbers_are_those_of_a_spreadsheet(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    titles = "敖勒召其镇就诊明细,,,,,\n\n,,,,单位：元,\n"
    text = titles + "备注,姓 名,证件号码,结算日期,个人自付（元）,\n" + "无," + ROW[:-3] + "\n"
    file = await staged(database, text, limits)
    assert file.heading.line == 4
    assert await rows(database, file) == [(5, "无", *CELLS[:4], None)]
    assert file.heading.extra == ("备注",)
    assert [column.heading for column in file.heading.absent] == ["医疗类别"]


@pytest.mark.parametrize(("above", "found"), [(9, True), (10, False)])
async def test_the_heading_row_is_among_the_first_ten(
    database: asyncpg.Connection, limits: UploadLimits, above: int, found: bool
) -> None:
    text = "标题\n" * above + HEADINGS + ROW
    if found:
        assert (await staged(database, text, limits)).heading.line == 10
    else:
        with pytest.raises(errors.HeadingMissing):
            await staged(database, text, limits)


async def test_missing_headings_are_named_by_the_row_that_comes_nearest(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    with pytest.raises(errors.HeadingMissing) as refused:
        await staged(database, "明细,,\n姓名,结算日期,医疗类别\n", limits)
    assert [error.column for error in refused.value.errors] == ["证件号码", "个人自付(元)"]


async def test_a_file_whose_first_rows_cannot_be_read_is_refused(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    with pytest.raises(errors.FileFormat) as refused:
        await staged(database, "标题\n姓\r名\n" + HEADINGS, limits)
    assert refused.value.errors[0].line == 2


async def test_an_empty_body_has_no_headings(database: asyncpg.Connection, limits: UploadLimits) -> None:
    with pytest.raises(errors.HeadingMissing):
        await staged(database, "", limits)


async def test_a_heading_that_occurs_twice_is_refused(database: asyncpg.Connection, limits: UploadLimits) -> None:
    with pytest.raises(errors.HeadingDuplicate) as refused:
        await staged(database, HEADINGS.replace("医疗类别", "姓名"), limits)
    assert (refused.value.errors[0].line, refused.value.errors[0].column) == (1, "姓名")


async def test_malformed_rows_are_reported_and_the_others_keep_their_numbers(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    text = (
        HEADINGS
        + ROW
        + "张三,1,2024-03-05,1\n"
        + ROW
        + "李四,1,2024-03-05,1,住院,多余\n"
        + '王"五,1,2024-03-05,1,住院\n'
        + '"赵六,1,2024-03-05,1,住院\n'
        + "\n"
        + ",,,,\n"
        + "钱七\x00,1,2024-03-05,1,住院\n"
        + "孙\r八,1,2024-03-05,1,住院\n"
        + ROW
    )
    for size in (7, 100_000):
        file = await staged(database, text, limits, size=size)
        assert [row[0] for row in await rows(database, file)] == [2, 4, 12]
        assert file.rows == 3
        assert [(fault.line, fault.code) for fault in file.faults] == [
            (3, "row-too-short"),
            (5, "row-too-long"),
            (6, "row-quotes"),
            (7, "row-too-short"),
            (10, "row-characters"),
            (11, "row-characters"),
        ]
    kept = await database.fetch("SELECT line, code, raw FROM uploads.fault WHERE upload_id = $1", file.upload_id)
    assert len(kept) == 6
    assert kept[0]["raw"] == "张三,1,2024-03-05,1"


async def test_a_quoted_cell_may_hold_commas_quotation_marks_and_line_breaks(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    text = HEADINGS + '"阿拉坦,""其""\n其格",2,3,4,""\n' + ROW + "短\n"
    for size in (1, 3, 5, 100_000):
        file = await staged(database, text, limits, size=size)
        assert await rows(database, file) == [(2, '阿拉坦,"其"\n其格', "2", "3", "4", None), (3, *CELLS)]
        assert [fault.line for fault in file.faults] == [4]


async def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_only(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    text = HEADINGS + '"阿拉坦,2,3,4,5\n' + ROW * 5_000
    file = await staged(database, text, replace(limits, max_record_bytes=1_000), size=50_000)
    assert (file.rows, [fault.line for fault in file.faults]) == (5_000, [2])


async def test_a_row_that_breaks_off_at_the_end_refuses_the_file(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    upload_id = uuid4()
    with pytest.raises(errors.FileTruncated) as refused:
        await staged(database, HEADINGS + ROW + "阿拉坦,2,3", limits, upload_id=upload_id)
    assert refused.value.errors[0].line == 3
    assert await database.fetchval("SELECT to_regclass($1)", table_of(upload_id)) is None


@pytest.mark.parametrize(
    ("announced", "refusal"),
    [
        ({"content_length": len((HEADINGS + ROW).encode()) + 1}, errors.FileTruncated),
        ({"content_digest": "sha-256=:" + base64.b64encode(bytes(32)).decode() + ":"}, errors.DigestMismatch),
    ],
)
async def test_nothing_is_kept_of_a_body_that_is_not_what_was_announced(
    database: asyncpg.Connection,
    limits: UploadLimits,
    announced: dict[str, object],
    refusal: type[DomainError],
) -> None:
    before = await tables(database)
    with pytest.raises(refusal):
        await staged(database, HEADINGS + ROW, limits, **announced)
    assert await tables(database) == before


async def test_nothing_is_kept_when_the_sender_goes_away(database: asyncpg.Connection, limits: UploadLimits) -> None:
    class Gone(Exception):
        pass

    async def body() -> AsyncIterator[bytes]:
        yield (HEADINGS + ROW * 3_000).encode()
        raise Gone

    before = await tables(database)
    file = await open_csv(body(), layout=LAYOUT, limits=limits, announced=Announced())
    with pytest.raises(Gone):
        await stage(database, file, upload_id=uuid4())
    assert await tables(database) == before
    assert await database.fetchval("SELECT 1") == 1


async def test_a_digest_that_matches_is_accepted_beside_unknown_ones(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    data = (HEADINGS + ROW).encode()
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    file = await staged(database, data, limits, content_digest=f"md5=:AAAA:, sha-256=:{digest}:")
    assert file.rows == 1


@pytest.mark.parametrize("digest", ["sha-256=abc", "sha-256=:a:", "sha-256=:YWJj:", "sha-256="])
def test_a_digest_that_could_never_match_is_refused_at_once(digest: str) -> None:
    with pytest.raises(errors.DigestMismatch):
        Intake(pieces(b""), Announced(content_digest=digest), max_bytes=1, idle_seconds=1)


def test_an_announced_length_over_the_limit_is_refused_before_a_byte_is_read() -> None:
    with pytest.raises(errors.UploadTooLarge):
        Intake(pieces(b""), Announced(content_length=11), max_bytes=10, idle_seconds=1)


async def test_a_body_without_a_length_is_refused_when_it_passes_the_limit_and_not_read_on(
    limits: UploadLimits,
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_000
            yield b"x" * 1_000

    intake = Intake(endless(), Announced(), max_bytes=5_000, idle_seconds=1)
    with pytest.raises(errors.UploadTooLarge):
        async for _ in intake:
            pass
    assert sent == 6_000


@pytest.mark.parametrize(("size", "accepted"), [(10, True), (11, False)])
async def test_a_body_may_be_exactly_as_large_as_the_limit(size: int, accepted: bool) -> None:
    intake = Intake(pieces(b"x" * size), Announced(), max_bytes=10, idle_seconds=1)
    if accepted:
        assert b"".join([piece async for piece in intake]) == b"x" * size
    else:
        with pytest.raises(errors.UploadTooLarge):
            [piece async for piece in intake]


async def test_a_sender_who_falls_silent_is_refused() -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    with pytest.raises(errors.FileTruncated):
        async for _ in Intake(silent(), Announced(), max_bytes=10, idle_seconds=0.01):
            pass


@pytest.mark.parametrize(
    ("limit", "text", "refusal"),
    [
        ({"max_rows": 2}, ROW * 3, errors.TooManyRows),
        ({"max_columns": 4}, ROW, errors.TooManyColumns),
        ({"max_faults": 2}, "短\n" * 3, errors.TooManyFaults),
        ({"max_record_bytes": 100}, "x" * 101, errors.FileFormat),
    ],
)
async def test_each_limit_refuses_the_file(
    database: asyncpg.Connection, limits: UploadLimits, limit: dict[str, int], text: str, refusal: type[DomainError]
) -> None:
    before = await tables(database)
    with pytest.raises(refusal):
        await staged(database, HEADINGS + text, replace(limits, **limit), size=100_000)
    assert await tables(database) == before


@pytest.mark.parametrize(
    ("limit", "text"),
    [({"max_rows": 3}, ROW * 3), ({"max_columns": 5}, ROW), ({"max_faults": 3}, "短\n" * 3)],
)
async def test_a_file_exactly_at_a_limit_is_read(
    database: asyncpg.Connection, limits: UploadLimits, limit: dict[str, int], text: str
) -> None:
    assert await staged(database, HEADINGS + text, replace(limits, **limit))


async def test_problems_of_cells_are_found_by_line_heading_and_code(
    database: asyncpg.Connection, limits: UploadLimits
) -> None:
    text = (
        HEADINGS
        + ROW
        + '　,１１０１０５１９４９１２３１００２ｘ,2024/3/5,"1,120.50",\n'
        + "张三,110105194912310021,2024-02-30,1.234,急诊\n"
        + "张三,1.10105E+17,20240305,￥12元,门诊\n"
    )
    file = await staged(database, text, limits)
    found = [tuple(row) for row in await database.fetch(cell_problems(file))]
    assert sorted(found) == sorted(
        [
            (3, "姓名", "cell-blank"),
            (4, "证件号码", "id-check-digit"),
            (4, "结算日期", "cell-date"),
            (4, "个人自付(元)", "cell-yuan"),
            (4, "医疗类别", "cell-code"),
            (5, "证件号码", "id-number-format"),
        ]
    )
    second = await database.fetchrow(f"SELECT {read_columns(file)} FROM {file.table} AS file WHERE line = 3")
    assert second is not None
    assert second["resident_id"] == "11010519491231002X"
    assert (str(second["occurred_on"]), str(second["amount"]), second["name"]) == ("2024-03-05", "1120.50", None)


async def test_an_upload_that_is_dropped_leaves_nothing(database: asyncpg.Connection, limits: UploadLimits) -> None:
    before = await tables(database)
    file = await staged(database, HEADINGS + ROW + "短\n", limits)
    await drop_staged(database, file.upload_id)
    assert await tables(database) == before
    assert not await database.fetch("SELECT 1 FROM uploads.fault WHERE upload_id = $1", file.upload_id)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(tail=st.text(alphabet=st.sampled_from("a好,\"\n\r\\.\x00 '")), size=st.integers(1, 40))
async def test_whatever_follows_the_headings_copy_accepts_what_the_check_lets_through(
    database: asyncpg.Connection, limits: UploadLimits, tail: str, size: int
) -> None:
    try:
        file = await staged(database, HEADINGS + tail + "\n", limits, size=size)
    except errors.FileRefused:
        return  # as a whole, and then nothing of it is kept
    assert file.rows + len(file.faults) <= tail.count("\n") + 1
    await drop_staged(database, file.upload_id)

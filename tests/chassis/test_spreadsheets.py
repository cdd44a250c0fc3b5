"""Lists written out: they open as they are meant, nothing in them runs, and what we wrote we read unchanged."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from chassis import spreadsheets
from chassis.spreadsheets import Value, csv_text, write_csv, write_xlsx
from chassis.uploads.cells import read_date, read_resident_id, read_text, read_yes_no, read_yuan
from chassis.uploads.errors import TooManyRows
from chassis.uploads.xlsx_worker import cell_text

HEADINGS = ("姓名", "证件号码", "金额", "日期", "达标")
ROW = ("=阿拉坦", "11010519491231002X", Decimal("1234.50"), date(2024, 3, 5), True)


async def given(*rows: Sequence[Value]) -> AsyncIterator[Sequence[Value]]:
    for row in rows:
        yield row


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_csv_opens_in_excel() -> None:
    content = await whole(write_csv(HEADINGS, given(ROW, ("张,三", None, 1, None, False))))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").split("\r\n") == [
        "姓名,证件号码,金额,日期,达标",
        "'=阿拉坦,11010519491231002X,1234.50,2024-03-05,是",
        '"张,三",,1,,否',
        "",
    ]


async def test_a_list_without_rows_has_its_headings() -> None:
    assert (await whole(write_csv(("甲",), given()))).decode("utf-8-sig") == "甲\r\n"


async def test_long_lists_are_written_in_pieces() -> None:
    pieces = [piece async for piece in write_csv(("甲",), given(*((number,) for number in range(2_500))))]
    assert len(pieces) == 3
    assert len(list(csv.reader(io.StringIO(b"".join(pieces).decode())))) == 2_501


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@SUM(A1)", "\t=1", "\r=1", "-1+1", "+1.", "=-1"])
def test_what_would_run_as_a_formula_is_kept_from_it(text: str) -> None:
    assert csv_text(text) == (text if text == "+86" else "'" + text)


@pytest.mark.parametrize("value", ["-12.50", "+3", Decimal("-0.10"), -7, "a=b", ""])
def test_numbers_with_a_sign_and_plain_text_stay(value: Value) -> None:
    assert csv_text(value) == str(value)


def test_small_amounts_are_not_written_with_an_exponent() -> None:
    assert csv_text(Decimal("0.0000001")) == "0.0000001"


async def test_what_a_workbook_says_is_read_back_unchanged(tmp_path: Path) -> None:
    content = await whole(write_xlsx(HEADINGS, given(ROW), sheet="名册", spool=tmp_path / "spool"))
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with CalamineWorkbook.from_path(path) as book:
        assert book.sheet_names == ["名册"]
        headings, row = book.get_sheet_by_name("名册").to_python()
    assert tuple(headings) == HEADINGS
    assert [type(cell) for cell in row] == [str, str, float, date, str]
    name, number, amount, day, ok = map(cell_text, row)
    assert (read_text(name), read_resident_id(number), read_yuan(amount), read_date(day), read_yes_no(ok)) == ROW
    assert not list((tmp_path / "spool").iterdir())


async def test_no_cell_of_a_workbook_is_a_formula_or_a_link(tmp_path: Path) -> None:
    texts = ("=1+1", "{=1}", "http://127.0.0.1/", "mailto:a@b", "12345678901234567890")
    content = await whole(write_xlsx(texts, given(texts), sheet="名册", spool=tmp_path / "spool"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert sheet.count('t="inlineStr"') == 10


async def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "_XLSX_ROWS", 3)
    await whole(write_xlsx(("甲",), given((1,), (2,)), sheet="名册", spool=tmp_path / "spool"))
    with pytest.raises(TooManyRows):
        await whole(write_xlsx(("甲",), given((1,), (2,), (3,)), sheet="名册", spool=tmp_path / "spool"))
    assert not list((tmp_path / "spool").iterdir())

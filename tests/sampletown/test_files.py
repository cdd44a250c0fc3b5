"""Files as bureaus send them: read back by hand, clean ones whole, dirty ones but for the rows that the truth names."""

import io
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
import typer
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from contracts.files.bureau import BUREAU_FILES
from contracts.files.national import NATIONAL
from contracts.month import Month
from contracts.resident_id import InvalidResidentId, normalise
from sampletown import Town, build_town
from sampletown.__main__ import main, write_town
from sampletown.block import seats_of_block
from sampletown.bureau_file import BureauFile, telling
from sampletown.dirt import DUPLICATE_ROW
from sampletown.national_file import national_rows, write_national_csv, write_national_workbook
from sampletown.noise import noise_of_block
from sampletown.registry import household
from sampletown.scene import ExpectedFlag
from sampletown.town import DirtyTruth
from tests.sampletown.reading_by_hand import Problem, grid, records
from tests.sampletown.screening_by_hand import Finding, Screening


def finding(flag: ExpectedFlag) -> Finding:
    return Finding(flag.national_no, flag.rule, flag.period)


def test_seven_bureaus_send_a_file_for_each_of_twelve_months(town: Town) -> None:
    files = list(town.all_bureau_files())
    assert len(files) == 84
    assert files[0].month == Month(2023, 8)
    assert files[-1].month == Month(2024, 7)
    assert {file.kind for file in town.bureau_files(Month(2024, 3))} == set(BUREAU_FILES)


@pytest.mark.parametrize("kind", BUREAU_FILES)
def test_each_kind_comes_in_both_encodings_and_as_workbook(town: Town, kind: str) -> None:
    forms = {file.form for file in town.all_bureau_files() if file.kind == kind}
    assert forms == {("csv", "utf-8-sig"), ("csv", "gb18030"), ("xlsx", "")}


def test_a_city_sends_csv_only() -> None:
    assert {file.format for file in build_town(1, "city").all_bureau_files()} == {"csv"}


def test_clean_files_read_back_to_their_records(tiny: Town) -> None:
    for file in tiny.all_bureau_files():
        problems: list[Problem] = []
        read = list(records(file, problems))
        assert problems == []
        fields = [column.field for column in file.layout.columns]
        for record, row in zip(read, file.rows(), strict=True):
            assert record.values == dict(zip(fields, row.values, strict=True))


def test_a_clean_workbook_has_real_dates_and_numbers(tiny: Town) -> None:
    file = next(file for file in tiny.all_bureau_files() if file.kind == "medical" and file.format == "xlsx")
    heading, first, *_ = grid(file)
    cells = dict(zip(heading, first, strict=True))
    assert isinstance(cells["结算日期"], date)
    assert isinstance(cells["个人自付"], float)
    assert isinstance(cells["证件号码"], str)


def test_what_a_settlement_pays_adds_up_to_its_total(tiny: Town) -> None:
    for file in tiny.all_bureau_files():
        if file.kind == "medical":
            for record in records(file, []):
                told = record.values
                paid = ("basic_paid", "major_paid", "assistance_paid", "amount")
                assert sum(told[field] for field in paid) == told["total"]


def test_a_row_is_never_older_than_the_month_before_its_file(town: Town) -> None:
    for file in town.all_bureau_files():
        day = BUREAU_FILES[file.kind].columns.index(BUREAU_FILES[file.kind].by_heading[day_heading(file)])
        for row in file.rows():
            assert Month.of(row.values[day]) in (file.month, file.month.plus(-1))


def day_heading(file: BureauFile) -> str:
    return next(column.heading for column in file.layout.columns if column.field == "occurred_on")


@dataclass(frozen=True)
class DirtyReading:
    found: set[Finding]
    problems: list[Problem]
    truth: DirtyTruth


@pytest.fixture(scope="session")
def dirty_reading(town: Town) -> DirtyReading:
    """The town's dirty files, read once for all tests."""
    problems: list[Problem] = []
    screening = Screening(town.households)
    for file in town.all_bureau_files(dirty=True):
        screening.take(records(file, problems), str(file.month))
    return DirtyReading(set(screening.found), problems, town.dirty_truth())


def test_dirty_files_report_exactly_the_rows_that_the_truth_names(dirty_reading: DirtyReading) -> None:
    told = [(row.file, row.line, row.column, row.code) for row in dirty_reading.truth.unreadable]
    assert len(told) > 500
    assert dirty_reading.problems == told


def test_every_flag_missed_in_dirty_files_is_a_reported_row(town: Town, dirty_reading: DirtyReading) -> None:
    expected = {finding(flag) for flag in town.truth().flags}
    endangered = {finding(flag) for flag in dirty_reading.truth.endangered}
    assert dirty_reading.found <= expected
    assert expected - dirty_reading.found <= endangered
    assert expected - dirty_reading.found, "dirt that costs nothing proves nothing"


def test_near_misses_stand_twice_somewhere_so_that_counting_twice_would_show(
    town: Town, dirty_reading: DirtyReading
) -> None:
    duplicates = [row for row in dirty_reading.truth.unreadable if row.code == DUPLICATE_ROW]
    twice = {row.record_no for row in duplicates if row.kind in ("medical", "tuition")}
    assert twice & {record for miss in town.truth().near_misses for record in miss.records}


def test_every_fault_occurs(dirty_reading: DirtyReading) -> None:
    codes = Counter(row.code for row in dirty_reading.truth.unreadable)
    assert set(codes) == {
        "id-form", "id-birth-date", "id-check-digit", "date-form", "amount-form", "duplicate-row",
    }  # fmt: skip
    assert min(codes.values()) >= 10


def test_every_readable_oddity_occurs(town: Town) -> None:
    ids, days, amounts, blank = set(), set(), set(), 0
    for file in town.bureau_files(Month(2024, 1), dirty=True):
        for line in file.lines():
            if line.fault:
                continue
            blank += not line.record_no
            cells = dict(zip((column.field for column in file.layout.columns), line.cells, strict=False))
            if line.record_no:
                ids.add(shape(cells["resident_id"]))
                days.add(shape(cells["occurred_on"]))
                amounts.add(shape(cells.get("amount", "")))
    assert blank > 0
    assert {"9" * 15, "9" * 18, "9" * 20, "９" * 18, "999999 99999999 9999", "'" + "9" * 18} <= ids
    assert {"99999999", "9999/9/9", "9999-99-99", "９９９９-９９-９９"} <= days
    assert {"9,999.99", "999.99", "９９９.９９", " 999.99 "} <= amounts


def shape(value: object) -> str:
    return "".join("9" if c in "0123456789" else "９" if c in "０１２３４５６７８９" else c for c in str(value))


def test_a_dirty_workbook_has_merged_titles_above_its_headings(tiny: Town) -> None:
    file = next(file for file in tiny.all_bureau_files(dirty=True) if file.format == "xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.content())).get_sheet_by_index(0)
    last = len(file.headings) - 1
    assert ((0, 0), (0, last)) in sheet.merged_cell_ranges
    assert len([cells for cells in sheet.merged_cell_ranges if cells[0][0] == 1]) == 2
    assert tuple(grid(file)[2]) == file.headings


def test_faulty_ids_are_faulty_for_the_reason_told(town: Town) -> None:
    seen = 0
    for file in town.bureau_files(Month(2023, 11), dirty=True):
        place = next(place for place, column in enumerate(file.layout.columns) if column.field == "resident_id")
        for line in file.lines():
            if line.fault and line.fault[1].startswith("id-"):
                with pytest.raises(InvalidResidentId, match=f"^{line.fault[1]}$"):
                    normalise(str(line.cells[place]))
                seen += 1
    assert seen > 0


def test_files_are_the_same_byte_for_byte(tiny: Town) -> None:
    again = build_town(1, "tiny")
    for dirty in (False, True):
        pairs = zip(tiny.all_bureau_files(dirty=dirty), again.all_bureau_files(dirty=dirty), strict=True)
        assert all(one.content() == other.content() for one, other in pairs)


def test_the_registry_is_written_under_the_national_headings(tiny: Town, tmp_path: Path) -> None:
    write_national_csv(tmp_path / "national.csv", tiny.households)
    write_national_workbook(tmp_path / "national.xlsx", tiny.households)
    text = (tmp_path / "national.csv").read_text(encoding="utf-8-sig").splitlines()
    assert text[0].split(",") == [column.heading for column in NATIONAL.columns]
    assert len(text) == 1 + 320
    sheet = CalamineWorkbook.from_path(tmp_path / "national.xlsx").get_sheet_by_index(0).to_python()
    assert len(sheet) == 1 + 320
    assert sheet[1][9] == next(tiny.households).head.resident_id


def test_national_cells_hold_only_the_codes_of_their_columns(tiny: Town) -> None:
    for cells in national_rows(tiny.households):
        for column, value in zip(NATIONAL.columns, cells, strict=True):
            if column.codes and value not in (None, ""):
                assert value in column.codes
            assert not (column.required and value in (None, ""))


def test_incomes_of_the_file_lead_to_28136_a_head(tiny: Town) -> None:
    per_head = [
        cells[[column.field for column in NATIONAL.columns].index("per_capita_net")]
        for cells in national_rows(tiny.households)
    ]
    assert abs(sum(per_head) / len(per_head) - 28_136) < Decimal("0.01")


def test_the_command_writes_the_whole_place_and_says_that_it_is_synthetic(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, ["--out", str(tmp_path), "--scale", "tiny"])
    assert result.exit_code == 0
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {"SYNTHETIC.md", "divisions.json", "officers.json", "liaison.csv", "truth.json"} <= names
    assert {"national.csv", "national.xlsx", "bureaus/2023-08/medical.csv"} <= names
    assert len(names) == 7 + 84 + 84
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert truth["synthetic"] is True
    assert truth["flags"][0]["file_month"][:2] == "20"
    assert {"unreadable", "endangered"} == set(truth["dirty"])


def test_without_dirt_no_dirty_file_is_written(tiny: Town, tmp_path: Path) -> None:
    written = list(write_town(tiny, tmp_path, dirty=False))
    assert not any("dirty" in name for name in written)
    assert not (tmp_path / "bureaus-dirty").exists()


def test_a_citys_file_streams() -> None:
    """The first rows come after the first blocks; 770,000 households are never made for them."""
    city = build_town(5, "city")
    made = household.cache_info().misses
    file = next(file for file in city.bureau_files(Month(2023, 8)) if file.kind == "medical")
    assert len(list(islice(file.rows(), 100))) == 100
    assert household.cache_info().misses - made < 200
    for cache in (household, telling, noise_of_block, seats_of_block):
        assert cache.cache_info().maxsize is not None

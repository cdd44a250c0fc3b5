"""The story's truth, checked by a screening that was written by hand with literal lines."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from contracts.files.bureau import BUREAU_FILES
from sampletown import Town, build_town
from sampletown.household import Household
from sampletown.row import Row
from sampletown.scene import RULES
from sampletown.story import SCENES
from tests.sampletown.screening_by_hand import Finding, Record, Screening, Thresholds

FIELDS = {kind: [column.field for column in layout.columns] for kind, layout in BUREAU_FILES.items()}
Households = tuple[Household, ...]


def record(row: Row) -> Record:
    fields = dict(zip(FIELDS[row.kind], row.values, strict=True))
    return Record(row.kind, row.record_no, fields["resident_id"], fields["occurred_on"], fields)


def screened(town: Town, households: Households, thresholds: Thresholds | None = None) -> dict[Finding, str]:
    screening = Screening(households, thresholds)
    for file in town.all_bureau_files():
        screening.take((record(row) for row in file.rows()), str(file.month))
    return screening.found


def expected(town: Town) -> dict[Finding, str]:
    return {Finding(flag.national_no, flag.rule, flag.period): str(flag.file_month) for flag in town.truth().flags}


@pytest.fixture(scope="session")
def found(town: Town, households: Households) -> dict[Finding, str]:
    return screened(town, households)


def test_the_clean_files_hold_the_truth_and_nothing_else(town: Town, found: dict[Finding, str]) -> None:
    assert found == expected(town)


def test_each_flag_is_told_once(town: Town) -> None:
    assert len(expected(town)) == len(town.truth().flags)


def test_250_to_350_households_deserve_identification(town: Town) -> None:
    assert 250 <= len({flag.national_no for flag in town.truth().flags}) <= 350


@pytest.mark.parametrize("seed", [2, 3])
def test_other_seeds_tell_as_many(seed: int) -> None:
    flags = build_town(seed).truth().flags
    assert 250 <= len({flag.national_no for flag in flags}) <= 350


def test_every_rule_is_crossed_and_nearly_crossed(town: Town) -> None:
    truth = town.truth()
    assert {flag.rule for flag in truth.flags} == set(RULES)
    assert {miss.rule for miss in truth.near_misses} == set(RULES) - {"disaster"}


def test_something_crosses_in_every_month(town: Town) -> None:
    assert Counter(flag.file_month for flag in town.truth().flags).keys() == set(town.months)


def test_no_household_with_a_near_miss_is_flagged(town: Town, found: dict[Finding, str]) -> None:
    flagged = {finding.national_no for finding in found}
    truth = town.truth()
    assert truth.near_misses
    assert not flagged & {miss.national_no for miss in truth.near_misses}


def test_already_monitored_households_are_never_flagged(households: Households, found: dict[Finding, str]) -> None:
    known = {household.national_no for household in households if household.monitoring}
    assert not known & {finding.national_no for finding in found}


def test_the_smallest_place_plays_every_scene(tiny: Town) -> None:
    truth = tiny.truth()
    played = {flag.scene for flag in truth.flags} | {miss.scene for miss in truth.near_misses}
    assert played == {scene.name for scene in SCENES}


@pytest.mark.parametrize(
    "mutation",
    [
        {"inpatient_relieved": Decimal("5000.01")},
        {"inpatient_relieved": Decimal("4999.99")},
        {"inpatient_ordinary": Decimal("20000.01")},
        {"inpatient_ordinary": Decimal("19999.99")},
        {"outpatient": Decimal("500.01")},
        {"outpatient": Decimal("499.99")},
        {"tuition": Decimal("10000.01")},
        {"tuition": Decimal("9999.99")},
        {"litres": Decimal(36)},
        {"litres": Decimal(34)},
        {"minutes": Decimal(19)},
        {"minutes": Decimal(21)},
        {"days": Decimal(35)},
        {"days": Decimal(37)},
        {"grades": frozenset({"C"})},
        {"grades": frozenset({"D"})},
        {"grades": frozenset({"B", "C", "D"})},
        {"able": frozenset({"普通劳动力", "技能劳动力"})},
        {"able": frozenset({"普通劳动力", "弱劳动力或半劳动力"})},
        {"able": frozenset({"技能劳动力", "弱劳动力或半劳动力"})},
        {"able": frozenset({"普通劳动力", "技能劳动力", "弱劳动力或半劳动力", "丧失劳动力"})},
        {"school_year_begins_in": 8},
        {"school_year_begins_in": 10},
        {"year_ends_after": 11},
    ],
    # A set prints in another order in every process; the name of a test must not.
    ids=lambda mutation: " ".join(f"{k}={sorted(v) if isinstance(v, frozenset) else v}" for k, v in mutation.items()),
)
def test_a_line_moved_by_one_unit_is_noticed(mutation: dict[str, object], tiny: Town) -> None:
    moved = replace(Thresholds(), **mutation)
    assert screened(tiny, tuple(tiny.households), moved) != expected(tiny)


def test_a_file_flags_a_few_in_a_hundred_at_most(town: Town) -> None:
    flags = Counter((flag.file_month, flag.records[-1][:2]) for flag in town.truth().flags)
    for file in town.all_bureau_files():
        records = [row.record_no for row in file.rows()]
        assert len(records) >= 100
        assert flags[file.month, records[0][:2]] <= len(records) * 0.05, file.path


def test_most_rows_concern_people_whom_nothing_befalls(town: Town, households: Households) -> None:
    registered = {member.resident_id for household in households for member in household.members}
    rows = [record(row) for file in town.all_bureau_files() for row in file.rows()]
    outside = sum(each.resident_id not in registered for each in rows)
    assert 0.3 < outside / len(rows) < 0.7

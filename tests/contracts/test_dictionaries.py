"""Dictionaries hold the codes that files and rules use, each in force for its days."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from contracts import dictionary as module
from contracts.clauses import Service, clause
from contracts.dictionary import Dictionary, UnknownCode, UnknownDictionary, dictionary, dictionary_names
from contracts.events import monitoring
from contracts.files import bureau, national

NAMES = (
    "case-return-reasons",
    "case-withdrawal-reasons",
    "correction-reasons",
    "difference-reasons",
    "education-levels",
    "ethnicities",
    "flag-dismissal-reasons",
    "green-channel-reasons",
    "health-states",
    "hit-adjudication-reasons",
    "household-change-reasons",
    "household-end-reasons",
    "household-types",
    "incident-kinds",
    "labour-abilities",
    "liaison-relations",
    "low-income-classes",
    "measure-categories",
    "member-join-reasons",
    "member-leave-reasons",
    "monitored-classes",
    "natural-elimination-reasons",
    "objection-outcomes",
    "placement-end-reasons",
    "public-welfare-post-kinds",
    "relations",
    "reporting-channels",
    "risk-resolutions",
    "risk-types",
    "row-settlement-reasons",
    "sexes",
    "signal-kinds",
    "signal-sources",
    "village-team-posts",
    "visit-purposes",
)  # fmt: skip
DAY = date(2023, 8, 1)
"""The first day of the sample town's calendar."""


def an_entry(code: str = "a", **changes: Any) -> dict[str, Any]:
    return {"code": code, "zh": "甲", "en": "A", "valid_from": date(2024, 1, 1), "source": "a test"} | changes


def a_dictionary(*entries: dict[str, Any]) -> Dictionary:
    return Dictionary.model_validate({"name": "letters", "zh": "字母", "en": "Letters", "entries": entries})


def test_every_dictionary_is_there_and_can_be_read() -> None:
    assert dictionary_names() == NAMES
    assert all(dictionary(name).in_force(DAY) for name in NAMES)


@pytest.mark.parametrize("name", ["nothing", "../policy/4-safeguards", "", "sexes.yaml"])
def test_an_unknown_dictionary_is_said_to_be_unknown(name: str) -> None:
    with pytest.raises(UnknownDictionary):
        dictionary(name)


def test_an_entry_holds_from_its_first_to_its_last_day() -> None:
    letters = a_dictionary(an_entry(valid_to=date(2024, 12, 31)))
    assert letters.entry("a", date(2024, 1, 1)).zh == "甲"
    assert letters.entry("a", date(2024, 12, 31)).zh == "甲"
    for day in (date(2023, 12, 31), date(2025, 1, 1)):
        assert letters.codes(day) == ()
        assert letters.find("a", day) is None
        with pytest.raises(UnknownCode) as caught:
            letters.entry("a", day)
        assert (caught.value.dictionary, caught.value.code, caught.value.day) == ("letters", "a", day)


def test_a_renamed_code_keeps_its_old_meaning_on_old_days() -> None:
    letters = a_dictionary(an_entry(valid_to=date(2024, 6, 30)), an_entry(zh="乙", en="B", valid_from=date(2024, 7, 1)))
    assert [letters.entry("a", day).zh for day in (date(2024, 6, 30), date(2024, 7, 1))] == ["甲", "乙"]
    assert letters.codes(date(2024, 7, 1)) == ("a",)


@pytest.mark.parametrize(
    "entries",
    [
        [an_entry(valid_to=date(2024, 7, 1)), an_entry(valid_from=date(2024, 7, 1))],
        [an_entry(valid_from=date(2024, 7, 1)), an_entry()],
        [an_entry(valid_to=date(2023, 12, 31))],
        [an_entry(code="A_b")],
        [an_entry(zh="")],
        [],
    ],
    ids=["a shared day", "an open end", "ends before it begins", "not a code", "no label", "empty"],
)
def test_a_list_with_two_meanings_a_day_or_none_is_refused(entries: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        a_dictionary(*entries)


def test_measures_have_eleven_categories_and_one_provider_each() -> None:
    categories = dictionary("measure-categories").in_force(DAY)
    assert len(categories) == 11
    providers = {entry.code: entry.extra["provider"] for entry in categories}
    assert {code for code, provider in providers.items() if provider == "employment"} == {
        "employment", "public-welfare-post", "finance",
    }  # fmt: skip
    assert {code for code, provider in providers.items() if provider == "relief"} == {
        "education", "health", "housing", "water", "comprehensive", "social-aid",
    }  # fmt: skip
    assert (providers["industry"], providers["motivation"]) == ("assets", "officers")
    assert set(providers.values()) - {"officers"} <= set(Service)


def test_four_categories_count_as_developmental() -> None:
    developmental = {e.code for e in dictionary("measure-categories").in_force(DAY) if e.extra["developmental"]}
    assert developmental == {"industry", "employment", "finance", "public-welfare-post"}


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("relations", national.RELATIONS),
        ("sexes", national.SEXES),
        ("ethnicities", national.ETHNICITIES),
        ("education-levels", national.EDUCATION),
        ("health-states", national.HEALTH),
        ("labour-abilities", national.LABOUR),
        ("household-types", national.HOUSEHOLD_TYPES),
        ("monitored-classes", national.MONITORED_CLASSES),
        ("risk-types", national.RISKS),
    ],
)
def test_every_code_of_the_national_workbook_has_an_entry(name: str, codes: dict[str, str]) -> None:
    assert set(codes.values()) - set(dictionary(name).codes(DAY)) == set()


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("risk-types", national.RISKS),
        ("monitored-classes", national.MONITORED_CLASSES),
        ("labour-abilities", national.LABOUR),
        ("health-states", national.HEALTH),
        ("household-types", national.HOUSEHOLD_TYPES),
    ],
)
def test_the_labels_are_those_of_the_national_workbook(name: str, labels: dict[str, str]) -> None:
    ours = dictionary(name)
    assert {label: ours.entry(code, DAY).zh for label, code in labels.items()} == {label: label for label in labels}


def test_there_are_56_ethnic_groups_by_their_standard_numbers() -> None:
    groups = [entry for entry in dictionary("ethnicities").in_force(DAY) if entry.gb]
    assert [entry.gb for entry in groups] == [f"{number:02d}" for number in range(1, 57)]
    assert len({entry.zh for entry in groups}) == 56
    assert {entry.code: entry.zh for entry in groups}.items() >= {
        ("01", "汉族"), ("02", "蒙古族"), ("03", "回族"), ("11", "满族"), ("31", "达斡尔族"), ("45", "鄂温克族"),
        ("52", "鄂伦春族"), ("56", "基诺族"),
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in NAMES if dictionary(name).standard])
def test_codes_of_a_standard_are_the_standards_own_unless_they_say_so(name: str) -> None:
    for entry in dictionary(name).entries:
        assert entry.gb == entry.code or entry.sample or entry.source.startswith("Our own"), entry.code


def test_a_kind_that_tells_health_is_published_as_other_hardship() -> None:
    kinds = dictionary("signal-kinds")
    for entry in kinds.in_force(DAY):
        published = entry.extra["published_as"]
        expected = "other-hardship" if entry.code.startswith("medical") else entry.code
        assert published == expected
        assert kinds.find(str(published), DAY)


def test_every_bureaus_file_carries_a_kind_of_signal() -> None:
    carried = {entry.extra.get("bureau_file") for entry in dictionary("signal-kinds").in_force(DAY)} - {None}
    assert carried == set(bureau.BUREAU_FILES)


def test_the_civil_affairs_file_uses_labels_of_the_low_income_classes() -> None:
    classes = dictionary("low-income-classes").in_force(DAY)
    assert len(classes) == 6
    column = bureau.CIVIL_AFFAIRS.by_heading["救助类别"]
    assert {entry.extra["label"] for entry in classes if "label" in entry.extra} == set(column.codes)


@pytest.mark.parametrize(
    ("event", "field", "name"),
    [
        (monitoring.MemberJoined.example(), "reason", "member-join-reasons"),
        (monitoring.MemberLeft.example(), "reason", "member-leave-reasons"),
        (monitoring.HouseholdSplit.example(), "reason", "household-change-reasons"),
        (monitoring.HouseholdMerged.example(), "reason", "household-change-reasons"),
        (monitoring.HouseholdMoved.example(), "reason", "household-change-reasons"),
        (monitoring.HouseholdEnded.example(), "reason", "household-end-reasons"),
        (monitoring.HouseholdCorrected.example(), "reason", "correction-reasons"),
        (monitoring.LiaisonAssigned.example(), "relation", "liaison-relations"),
        (monitoring.VillageTeamChanged.example(), "post", "village-team-posts"),
        (monitoring.VisitRecorded.example(), "purpose", "visit-purposes"),
        (monitoring.SignalRecorded.example(), "source", "signal-sources"),
        (monitoring.SignalRecorded.example(), "kind", "signal-kinds"),
        (monitoring.FlagDismissed.example(), "reason", "flag-dismissal-reasons"),
        (monitoring.IncidentReported.example(), "kind", "incident-kinds"),
    ],
)
def test_the_codes_of_published_examples_are_explained(
    event: monitoring.MonitoringEvent, field: str, name: str
) -> None:
    assert dictionary(name).find(getattr(event, field), DAY)


def test_every_source_of_signals_names_its_clause() -> None:
    for entry in dictionary("signal-sources").entries:
        assert clause(str(entry.extra["clause"])).owner is Service.MONITORING


def test_only_unstable_relieved_households_are_kept_after_elimination() -> None:
    kept = {e.code for e in dictionary("monitored-classes").in_force(DAY) if e.extra["kept_after_elimination"]}
    assert kept == {"unstable-relieved"}


def test_whoever_lost_or_never_had_labour_does_not_count_as_able() -> None:
    unable = {entry.code for entry in dictionary("labour-abilities").in_force(DAY) if not entry.extra["able"]}
    assert unable == {"lost", "none"}


def test_a_file_names_its_first_day_and_source_once_for_all_entries() -> None:
    assert {entry.valid_from for entry in dictionary("relations").entries} == {date(2009, 1, 1)}
    assert dictionary("risk-types").entry("market", DAY).sample
    assert not dictionary("risk-types").entry("illness", DAY).sample


def test_a_dictionary_is_read_once() -> None:
    assert module.dictionary("sexes") is module.dictionary("sexes")

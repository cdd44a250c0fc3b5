"""Signals from every source are recorded; kinds fit their sources; reporters and health stay untold."""

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from services.monitoring.domain import errors
from services.monitoring.domain.ids import HouseholdId, IncidentId, SignalId
from services.monitoring.domain.incident import Incident, Touched, check_incident, incident_reported, signals_of
from services.monitoring.domain.judgement import ScreeningFacts
from services.monitoring.domain.signals import (
    Reporter,
    Signal,
    Source,
    check_signal,
    department_kind,
    signal_recorded,
    signal_state,
)
from tests.builders import NEXT_VILLAGE, VILLAGE, a_signal

DAY = date(2023, 11, 1)


@pytest.mark.parametrize(
    ("source", "kind", "rule"),
    [
        (Source.SELF_DECLARATION, "illness", "self-declared"),
        (Source.CADRE_VISIT, "housing", "cadre-reported"),
        (Source.SOCIAL_SUPERVISION, "job-loss", "socially-reported"),
        (Source.DEPARTMENT, "medical-inpatient", "medical-inpatient"),
        (Source.COMPARISON, "tuition", "tuition"),
        (Source.SERVICE, "water", "water"),
    ],
)
def test_every_source_has_kinds_and_a_rule_that_judges_them(source: Source, kind: str, rule: str) -> None:
    signal = a_signal(source=source, kind=kind)
    check_signal(signal)
    assert signal.rule.key == rule


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "illness"},
        {"kind": "other-hardship"},
        {"source": Source.SELF_DECLARATION, "kind": "tuition"},
        {"source": Source.INCIDENT, "kind": "fire"},
        {"incident_id": IncidentId("i1")},
        {"occurred_on": date(2023, 11, 2)},
    ],
)
def test_a_kind_that_does_not_fit_its_source_and_a_day_after_the_recording_are_refused(
    given: dict[str, object],
) -> None:
    with pytest.raises(errors.InvalidSignal):
        check_signal(a_signal(recorded_on=DAY, **given))


def test_a_signal_may_be_recorded_on_the_day_on_which_it_happened() -> None:
    check_signal(a_signal(occurred_on=DAY, recorded_on=DAY))


def test_the_period_is_the_rules_own_and_a_single_event_is_named_by_its_record() -> None:
    assert a_signal().period.text == "2023"
    assert a_signal(kind="disaster", record_no="Z-7").period.text == "Z-7"
    assert a_signal(kind="job-loss", id=SignalId("s9")).period.text == "s9"


def test_medical_rows_are_of_two_kinds_by_care_and_all_others_of_their_files_kind() -> None:
    assert department_kind("medical", "住院") == "medical-inpatient"
    assert department_kind("medical", "门诊") == "medical-outpatient"
    assert department_kind("housing") == "housing"
    assert department_kind("housing", "住院") == "housing"
    assert department_kind("medical") == "medical"


def test_what_is_told_of_a_signal_is_household_source_and_kind() -> None:
    signal = a_signal()
    raised = signal_recorded(signal)
    assert (raised.key, raised.subject) == ("household/h1", signal.id)
    assert raised.data.model_dump(mode="json") == {
        "household_id": "h1",
        "division": VILLAGE,
        "signal_id": signal.id,
        "source": "department-warning",
        "kind": "tuition",
    }


def test_of_medical_expense_neither_kind_nor_amount_nor_member_is_told() -> None:
    signal = a_signal(kind="medical-outpatient", member_id="m77", evidence=ScreeningFacts(amount=Decimal("987.65")))
    state = signal_state(signal)
    assert state.data is not None
    assert state.key == f"signal/{signal.id}"
    written = signal_recorded(signal).data.model_dump_json() + state.data.model_dump_json()
    assert "other-hardship" in written
    for telling in ("medical", "987", "m77", "2023-10-09"):
        assert telling not in written


def test_the_reporter_is_no_part_of_the_signal_and_not_shown_in_logs() -> None:
    assert not {"reporter", "name", "phone"} & {field.name for field in fields(Signal)}
    reporter = Reporter(signal_id=SignalId("s1"), channel="12345", name="王小明", phone="13800138000", sub="officer-7")
    assert not reporter.anonymous
    for personal in ("王小明", "13800138000", "officer-7"):
        assert personal not in repr(reporter)
    assert Reporter(signal_id=SignalId("s1"), channel="letter").anonymous


@pytest.mark.parametrize("known", ["name", "phone", "sub"])
def test_a_reporter_of_whom_anything_is_known_is_not_anonymous(known: str) -> None:
    given = {known: "something"}
    assert not Reporter(signal_id=SignalId("s1"), channel="letter", **given).anonymous


def test_evidence_does_not_show_in_a_representation() -> None:
    assert "12000" not in repr(a_signal())


# Incidents


def an_incident(**given: object) -> Incident:
    fields = {
        "id": IncidentId("i1"),
        "kind": "fire",
        "division": VILLAGE,
        "place": "三社东侧",
        "occurred_on": date(2023, 10, 30),
        "recorded_on": DAY,
        "touched": (
            Touched(household_id=HouseholdId("h1"), division=VILLAGE, signal_id=SignalId("s1")),
            Touched(household_id=HouseholdId("h2"), division=NEXT_VILLAGE, signal_id=SignalId("s2")),
        ),
        **given,
    }
    return Incident(**fields)  # type: ignore[arg-type]


def test_an_incident_raises_a_signal_for_every_household_that_it_touches() -> None:
    incident = an_incident()
    check_incident(incident)
    signals = signals_of(incident)
    for signal in signals:
        check_signal(signal)
    assert [(signal.household_id, signal.division) for signal in signals] == [("h1", VILLAGE), ("h2", NEXT_VILLAGE)]
    assert {signal.period.text for signal in signals} == {"i1"}
    assert {signal.rule.key for signal in signals} == {"incident"}


def test_an_incident_is_told_by_kind_and_village_without_place_and_households() -> None:
    raised = incident_reported(an_incident())
    assert (raised.key, raised.subject) == ("incident/i1", "i1")
    written = raised.data.model_dump_json()
    assert '"fire"' in written
    assert "三社" not in written
    assert '"h1"' not in written
    assert '"other-hardship"' in incident_reported(an_incident(kind="public-health")).data.model_dump_json()


def test_an_incident_may_be_recorded_on_its_day() -> None:
    check_incident(an_incident(occurred_on=DAY))


@pytest.mark.parametrize(
    "given",
    [{"kind": "meteor"}, {"division": "1506231"}, {"occurred_on": date(2023, 11, 2)}, {"place": " "}],
)
def test_an_incident_needs_a_known_kind_a_division_a_place_and_a_day_not_to_come(given: dict[str, object]) -> None:
    with pytest.raises(errors.InvalidIncident):
        check_incident(an_incident(**given))


def test_an_incident_names_a_household_once() -> None:
    one = Touched(household_id=HouseholdId("h1"), division=VILLAGE, signal_id=SignalId("s1"))
    other = Touched(household_id=HouseholdId("h1"), division=VILLAGE, signal_id=SignalId("s2"))
    with pytest.raises(errors.AlreadyReported):
        check_incident(an_incident(touched=(one, other)))

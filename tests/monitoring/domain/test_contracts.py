"""The event contracts of monitoring: names, examples, and nothing in them that tells who or how much."""

import json
import re

import pytest

from contracts.events import measures, monitoring_cases
from contracts.events.envelope import EventData, StateData
from contracts.events.monitoring import EVENTS as REGISTRY_EVENTS
from contracts.events.monitoring import HouseholdFlagged
from contracts.events.monitoring_state import STATES

EVENTS = (*REGISTRY_EVENTS, *monitoring_cases.EVENTS, *measures.MONITORING_EVENTS)
PERSONAL = {"name", "resident_id", "id_number", "phone", "account", "born_on", "birth_month", "health", "amount"}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_is_named_in_kebab_case_and_its_example_survives_the_wire(event: type[EventData]) -> None:
    assert re.fullmatch(r"shouwang\.monitoring\.[a-z]+(-[a-z]+)+\.v1", event.type())
    example = event.example()  # type: ignore[attr-defined]
    assert event.model_validate_json(example.model_dump_json()) == example


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.kind)
def test_a_state_example_survives_the_wire(state: type[StateData]) -> None:
    example = state.example()  # type: ignore[attr-defined]
    assert state.model_validate_json(example.model_dump_json()) == example


def fields(schema: object) -> set[str]:
    """Every property name anywhere in a JSON schema."""
    if isinstance(schema, list):
        return set().union(*map(fields, schema))
    if not isinstance(schema, dict):
        return set()
    here = set(schema.get("properties", {}))
    return here.union(*map(fields, schema.values()))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_no_public_event_has_a_field_for_a_person_or_an_amount(event: type[EventData]) -> None:
    assert not fields(event.model_json_schema()) & PERSONAL


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.kind)
def test_no_state_has_a_field_for_name_number_phone_or_health(state: type[StateData]) -> None:
    assert not fields(state.model_json_schema()) & (PERSONAL - {"birth_month"})


def test_names_are_unique_and_the_fixed_one_is_there() -> None:
    assert len({event.type() for event in EVENTS}) == len(EVENTS)
    assert HouseholdFlagged.type() == "shouwang.monitoring.household-flagged.v1"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_a_reader_accepts_codes_and_fields_that_it_does_not_know(event: type[EventData]) -> None:
    body = json.loads(event.example().model_dump_json())  # type: ignore[attr-defined]
    codes = {"reason", "rule", "kind", "source", "relation", "post", "purpose", "change"} & body.keys()
    body |= dict.fromkeys(codes, "invented-tomorrow") | {"added_later": 1}
    read = event.model_validate(body)
    assert all(getattr(read, code) == "invented-tomorrow" for code in codes)

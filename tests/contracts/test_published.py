"""What is published is what the code says, validators of others accept it, and it keeps what it promised."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from chassis import correlation
from chassis.outbox import Composer
from contracts.events.envelope import EventData, Raised, State, StateData, sequence_text
from contracts.events.monitoring import HouseholdFlagged
from tools import check_contracts, publish_contracts
from tools.message_schemas import schema_of
from tools.message_types import MessageType, message_types

INVENTED = "a-code-that-nobody-has-heard-of"
MESSAGES = message_types()
BY_NAME = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return publish_contracts.drawn()


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((publish_contracts.PUBLISHED / "asyncapi.yaml").read_text())
    return document


def test_what_is_committed_is_what_the_code_says(drawn: dict[str, str]) -> None:
    lines = publish_contracts.differences(drawn, publish_contracts.committed())
    assert lines == [], "run `python -m tools.publish_contracts`"


def test_differences_are_missing_superfluous_and_changed_files() -> None:
    assert publish_contracts.differences({"a": "1", "b": "2"}, {"b": "3", "c": "4"}) == [
        "a is not committed",
        "b is not what the code says",
        "c is committed, but nothing draws it any more",
    ]


# -- validators of others


def test_openapi_documents_are_valid_with_their_examples() -> None:
    assert check_contracts.check_openapi().lines == ()


def test_schemas_are_valid_and_accept_their_examples() -> None:
    assert check_contracts.check_schemas().lines == ()


def test_asyncapi_is_valid_by_its_own_parser() -> None:
    report = check_contracts.check_asyncapi()
    if not report.ran:
        pytest.skip(report.lines[0])
    assert not report.failed, report.lines


def test_a_broken_asyncapi_document_is_refused(tmp_path: Path, asyncapi: dict[str, Any]) -> None:
    broken = asyncapi | {"operations": {"x": {"action": "shout", "channel": {"$ref": "#/channels/monitoring.public"}}}}
    schemas = tmp_path / "schemas"
    schemas.symlink_to(publish_contracts.PUBLISHED / "schemas")
    file = tmp_path / "asyncapi.yaml"
    file.write_text(yaml.safe_dump(broken))
    report = check_contracts.check_asyncapi(file)
    if not report.ran:
        pytest.skip(report.lines[0])
    assert report.failed


def test_a_check_that_cannot_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    report = check_contracts.check_asyncapi()
    assert (report.ran, report.verdict) == (False, "NOT CHECKED")
    assert report.lines == ("node is not installed; AsyncAPI's own parser comes from npm",)


def test_nothing_published_is_not_valid(tmp_path: Path) -> None:
    assert check_contracts.check_openapi(tmp_path).failed
    assert check_contracts.check_schemas(tmp_path).failed


def test_a_document_that_is_not_openapi_is_refused() -> None:
    assert check_contracts.openapi_problems({"openapi": "3.1.0", "paths": {}})


def test_an_example_beside_its_schema_is_refused() -> None:
    content = {"application/json": {"schema": {"type": "object", "required": ["a"]}, "example": {"b": 1}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"post": {"requestBody": {"content": content}, "responses": {"200": {"description": "d"}}}}},
    }
    assert check_contracts.openapi_problems(document) == [
        "POST /x example: 'a' is a required property; give the field an example"
    ]


def test_a_schema_of_another_language_is_refused() -> None:
    assert check_contracts.schema_problems({"type": "strnig"}, "x")
    assert check_contracts.schema_problems({"type": "string", "format": "date"}, "not a day")
    assert check_contracts.schema_problems({"type": "string", "format": "date"}, "2024-03-12") == []


# -- every type has its schema, its example and its entry


def test_the_walk_finds_what_services_list() -> None:
    found = {message.name for message in MESSAGES}
    assert {"shouwang.monitoring.household-flagged.v1", "shouwang.monitoring.household-state.v1"} <= found
    assert "shouwang.gateway.state-requested.v1" in found
    assert len(found) == len(MESSAGES)


@BY_NAME
def test_every_type_has_schema_example_and_asyncapi_entry(message: MessageType, asyncapi: dict[str, Any]) -> None:
    folder = publish_contracts.PUBLISHED
    schema = json.loads((folder / "schemas" / f"{message.name}.json").read_text())
    assert schema["$id"] == f"urn:shouwang:schema:{message.name}"
    example = json.loads((folder / "examples" / f"{message.name}.json").read_text())
    assert message.model.model_validate(example).model_dump(mode="json") == example
    assert asyncapi["components"]["messages"][message.name]["payload"] == {"$ref": f"./schemas/{message.name}.json"}
    channel = f"{message.service}.{'state' if message.is_state else 'public'}"
    assert message.name in asyncapi["channels"][channel]["messages"]
    assert message.name.startswith(f"shouwang.{message.service}.")


def open_codes(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """An example in which every open string says something that no dictionary knows."""
    if "$ref" in schema:
        return open_codes(value, whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]], whole)
    if isinstance(value, dict):
        known = {name: open_codes(part, schema["properties"][name], whole) for name, part in value.items()}
        return known | {"a_field_of_tomorrow": INVENTED}
    if isinstance(value, list):
        items = schema.get("items", {})
        return [open_codes(part, items, whole) for part in value]
    choices = schema.get("anyOf", [schema])
    is_open = any(c.get("type") == "string" and c.keys().isdisjoint({"format", "pattern", "enum"}) for c in choices)
    return INVENTED if isinstance(value, str) and is_open else value


@BY_NAME
def test_consumers_accept_unknown_codes_and_fields(message: MessageType) -> None:
    schema = schema_of(message)
    invented = open_codes(message.example(), schema, schema)
    assert "a_field_of_tomorrow" in invented
    message.model.model_validate(invented)
    assert list(Draft202012Validator(schema).iter_errors(invented)) == []


@BY_NAME
def test_no_code_is_a_closed_list(message: MessageType) -> None:
    assert '"enum"' not in json.dumps(schema_of(message))


# -- what was released is kept


def test_what_was_released_is_kept(drawn: dict[str, str]) -> None:
    released = publish_contracts.released_schemas()
    assert "shouwang.monitoring.household-flagged.v1" in released
    assert publish_contracts.breaches(drawn, released) == []


def test_a_released_type_may_not_go() -> None:
    assert publish_contracts.breaches({}, {"x.v1": {}}) == ["x.v1: a released type is gone"]


# -- the headers on the wire are the headers of the document


def headers_of(message: MessageType) -> dict[str, str]:
    composer = Composer(message.service)
    context, at = correlation.begin(causation_id="e-1"), datetime(2024, 3, 12, tzinfo=UTC)
    body = message.model.example()  # type: ignore[attr-defined]
    if isinstance(body, StateData):
        written = composer.state(State(data=body, kind=message.kind, id="1", version=4, division="150623"), context, at)
    else:
        assert isinstance(body, EventData)
        written = composer.public(Raised(data=body, key="household/1", subject="1", division="150623"), context, at)
    assert written.type == message.name
    headers: dict[str, str] = json.loads(written.headers)
    return headers | {"ce_sequence": sequence_text(written.sequence or 1)}  # the relay adds it when it sends


@pytest.mark.parametrize(
    "message", [m for m in MESSAGES if m.service == "monitoring" and m.kind != "heartbeat"], ids=lambda m: m.name
)
def test_headers_are_as_documented(message: MessageType, asyncapi: dict[str, Any]) -> None:
    trait = asyncapi["components"]["messageTraits"]["state" if message.is_state else "event"]["headers"]
    headers = headers_of(message)
    assert list(Draft202012Validator(trait).iter_errors(headers)) == []
    assert headers.keys() <= trait["properties"].keys()


def test_the_name_that_the_user_fixed() -> None:
    assert HouseholdFlagged.type() == "shouwang.monitoring.household-flagged.v1"

"""Within a major version only optional additions: both a reader of yesterday and an event of yesterday still count."""

from copy import deepcopy
from typing import Any

import pytest

from tools.compatibility import breaches

OLD: dict[str, Any] = {
    "type": "object",
    "$defs": {
        "Finding": {
            "type": "object",
            "required": ["code"],
            "properties": {"code": {"type": "string"}, "clause": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        }
    },
    "required": ["id", "findings"],
    "properties": {
        "id": {"type": "string"},
        "note": {"type": "string"},
        "day": {"type": "string", "format": "date"},
        "findings": {"type": "array", "items": {"$ref": "#/$defs/Finding"}},
    },
}


def changed(*path: str, to: Any = None) -> dict[str, Any]:
    """The old schema with one place set, or taken away."""
    schema = deepcopy(OLD)
    place = schema
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return schema


def test_a_schema_is_compatible_with_itself() -> None:
    assert breaches(OLD, deepcopy(OLD)) == []


def test_an_optional_property_may_come() -> None:
    assert breaches(OLD, changed("properties", "since", to={"type": "string"})) == []
    assert breaches(OLD, changed("$defs", "Finding", "properties", "since", to={"type": "string"})) == []


@pytest.mark.parametrize("keyword", ["title", "description", "examples", "default"])
def test_words_about_a_field_may_change(keyword: str) -> None:
    assert breaches(OLD, changed("properties", "id", keyword, to="other words")) == []


def test_a_definition_may_be_named_otherwise() -> None:
    new = deepcopy(OLD)
    new["$defs"]["PublicFinding"] = new["$defs"].pop("Finding")
    new["properties"]["findings"]["items"]["$ref"] = "#/$defs/PublicFinding"
    assert breaches(OLD, new) == []


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (changed("properties", "note"), "/note: removed"),
        (changed("$defs", "Finding", "properties", "clause"), "/findings/items/clause: removed"),
        (changed("properties", "id", "type", to="integer"), "/id/type: changed"),
        (changed("properties", "id", to={"type": ["string", "null"]}), "/id/type: changed"),
        (changed("required", to=["id", "findings", "note"]), "/note: was optional and is now required"),
        (changed("required", to=["id"]), "/findings: was always there and is now optional"),
        (changed("properties", "id", "enum", to=["a", "b"]), "/id/enum: is a new condition"),
        (changed("$defs", "Finding", "properties", "code", "enum", to=["a"]), "/findings/items/code/enum: is a new"),
        (changed("properties", "day", "format"), "/day/format: a condition is gone"),
        (changed("additionalProperties", to=False), "/additionalProperties: is a new condition"),
        (
            changed("$defs", "Finding", "properties", "clause", "anyOf", to=[{"type": "string"}]),
            "/findings/items/clause/anyOf: has other choices",
        ),
    ],
)  # fmt: skip
def test_what_was_said_may_not_change(new: dict[str, Any], told: str) -> None:
    (breach,) = breaches(OLD, new)
    assert breach.startswith(told)


def test_a_new_property_may_not_be_required() -> None:
    new = changed("properties", "since", to={"type": "string"})
    new["required"] = [*OLD["required"], "since"]
    assert breaches(OLD, new) == ["/since: is new and required"]


def test_a_list_of_allowed_values_may_not_change_either_way() -> None:
    closed = changed("properties", "id", "enum", to=["a", "b"])
    for values in (["a"], ["a", "b", "c"]):
        assert breaches(closed, changed("properties", "id", "enum", to=values)) == ["/id/enum: changed"]


def test_a_schema_that_refers_to_itself_is_compared_once() -> None:
    tree = {"$defs": {"T": {"type": "object", "properties": {"t": {"$ref": "#/$defs/T"}}}}, "$ref": "#/$defs/T"}
    assert breaches(tree, deepcopy(tree)) == []

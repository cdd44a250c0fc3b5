"""An example of a request body, drawn from its JSON Schema: the examples of its fields, else the plainest value.

Optional fields appear only where they have an example of their own. A field with a pattern needs one: a test holds
every example against its schema.
"""

from collections.abc import Callable, Mapping
from typing import Any

JSON = Mapping[str, Any]

_BY_FORMAT = {
    "date": "2024-03-12",
    "date-time": "2024-03-12T09:30:00+08:00",
    "time": "09:30:00",
    "uuid": "5f0d2c1e-7b2a-4a62-b0a4-c1d9e3f80701",
    "binary": "",
}


def example(schema: JSON, schemas: JSON) -> Any:
    """A value that a schema describes; `schemas` are the components that it refers to."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for given in ("examples", "enum"):
        if schema.get(given):
            return schema[given][0]
    for given in ("example", "const", "default"):
        if schema.get(given) is not None:
            return schema[given]
    for choices in ("anyOf", "oneOf", "allOf"):
        if schema.get(choices):
            return example(next((c for c in schema[choices] if c.get("type") != "null"), {"type": "null"}), schemas)
    return _BY_TYPE.get(schema.get("type", ""), _nothing)(schema, schemas)


def _object(schema: JSON, schemas: JSON) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    properties: JSON = schema.get("properties", {})
    return {
        name: example(field, schemas) for name, field in properties.items() if name in required or field.get("examples")
    }


def _array(schema: JSON, schemas: JSON) -> list[Any]:
    return [example(schema.get("items", {}), schemas)] if schema.get("minItems", 0) or "items" in schema else []


def _string(schema: JSON, _schemas: JSON) -> str:
    text = _BY_FORMAT.get(schema.get("format", ""), "text")
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def _number(schema: JSON, _schemas: JSON) -> int:
    return int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))


def _nothing(_schema: JSON, _schemas: JSON) -> None:
    return None


_BY_TYPE: Mapping[str, Callable[[JSON, JSON], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": lambda _schema, _schemas: True,
}

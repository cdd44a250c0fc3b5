"""The JSON Schema (2020-12) of every message type.

A field with a default came later or may be absent: it is not required, so that events of yesterday still satisfy the
schema of today. Schemas are open: a reader ignores fields that it does not know.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import DataclassField, ModelField, TypedDictField

from tools.message_types import MessageType

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _OpenSchema(GenerateJsonSchema):
    def field_is_required(self, field: ModelField | DataclassField | TypedDictField, total: bool) -> bool:
        if field["type"] == "typed-dict-field":
            return bool(field.get("required", total))
        return bool(field["schema"]["type"] != "default")

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # a title drawn from the field's own name says nothing


def schema_id(message_type: str) -> str:
    """The name of a schema, independent of where it is kept."""
    return f"urn:shouwang:schema:{message_type}"


def schema_of(message: MessageType) -> dict[str, Any]:
    """The published schema of a message's body."""
    schema = message.model.model_json_schema(mode="serialization", schema_generator=_OpenSchema)
    return {"$schema": DIALECT, "$id": schema_id(message.name), **schema}

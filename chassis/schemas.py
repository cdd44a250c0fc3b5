"""The two shapes of every body: what comes in refuses unknown fields, what goes out has no hidden optional ones."""

from pydantic import BaseModel, ConfigDict


class Input(BaseModel):
    """A request body: an unknown field is an error, and values are never guessed from another type."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class Output(BaseModel):
    """A response body; a field with a default is still always present."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

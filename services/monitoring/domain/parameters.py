"""The parameter values that come with the release (parameters.yaml), read when asked for."""

from datetime import date
from importlib.resources import files
from typing import Any

import yaml

from contracts.division import Division
from contracts.parameters import NATION, ParameterValue

_FIELDS = frozenset(
    {"key", "value", "unit", "valid_from", "valid_to", "division", "source", "clause", "sample", "falls_back"}
)


def load_seed() -> tuple[ParameterValue, ...]:
    """Every seeded value of monitoring; raises ValueError when the file is not what it should be."""
    text = files(__package__).joinpath("parameters.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    return tuple(_value({**document["defaults"], **entry}) for entry in document["values"])


def _value(entry: dict[str, Any]) -> ParameterValue:
    unknown = set(entry) - _FIELDS
    if unknown:
        raise ValueError(f"unknown fields {sorted(unknown)} in {entry.get('key')}")
    division = str(entry["division"])
    if division != NATION:
        Division(division)
    if not isinstance(entry["valid_from"], date) or not entry["source"]:
        raise ValueError(f"{entry['key']} needs a first day and a source")
    return ParameterValue(**{**entry, "division": division})

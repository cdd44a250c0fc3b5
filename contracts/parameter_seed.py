"""Reads the parameter values that come with a release: one YAML file beside the rules of each service.

The file has `defaults` for every entry and `values`. Amounts and ratios are strings: they are exact decimals.
"""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

import yaml

from contracts.division import Division
from contracts.parameters import NATION, ParameterValue

_FIELDS = frozenset(
    {"key", "value", "unit", "valid_from", "valid_to", "division", "source", "clause", "sample", "falls_back"}
)


def seed_of(package: str) -> tuple[ParameterValue, ...]:
    """Every value of `parameters.yaml` in a package; raises ValueError when the file is not what it should be."""
    document = yaml.safe_load(files(package).joinpath("parameters.yaml").read_text(encoding="utf-8"))
    return tuple(_value({**document["defaults"], **entry}) for entry in document["values"])


def _value(entry: Mapping[str, Any]) -> ParameterValue:
    unknown = set(entry) - _FIELDS
    if unknown:
        raise ValueError(f"unknown fields {sorted(unknown)} in {entry.get('key')}")
    division = str(entry["division"])
    if division != NATION:
        Division(division)
    if not isinstance(entry["valid_from"], date) or not entry["source"]:
        raise ValueError(f"{entry['key']} needs a first day and a source")
    return ParameterValue(**{**entry, "division": division})

"""Findings and decisions: every answer names its clause, says yes, no or unknown, and why.

A decision is frozen when it is made: the day that it judges, the rule-set version, every parameter value used with
its source, the findings and a snapshot of the facts. One without a finding cannot be built.
"""

from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.parameters import ParameterValue


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, known: bool | None) -> Self:
        return cls.UNKNOWN if known is None else cls.YES if known else cls.NO


class ParameterUsed(BaseModel):
    """A parameter value as a decision used it, with where it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    value: Any
    unit: str
    valid_from: date
    valid_to: date | None
    division: str
    source: str
    sample: bool

    @classmethod
    def of(cls, value: ParameterValue) -> Self:
        return cls(
            key=value.key,
            value=value.value,
            unit=value.unit,
            valid_from=value.valid_from,
            valid_to=value.valid_to,
            division=value.division,
            source=value.source,
            sample=value.sample,
        )


class Because(BaseModel):
    """Why, for a person to read, in both languages. Held by those who may read the facts; never published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str


class Finding(BaseModel):
    """One answer of one rule: clause of the register, stable code, yes / no / unknown, because, what it used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: str
    code: str
    answer: Answer
    because: Because
    parameters: tuple[ParameterUsed, ...] = ()


class Decision(BaseModel):
    """A frozen decision; a refusal is one too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    """What was decided on, such as `household/<id>`."""
    outcome: str
    day: date
    rule_set: str
    findings: tuple[Finding, ...] = Field(min_length=1)
    facts: dict[str, Any]
    decided_by: str | None
    decided_at: AwareDatetime

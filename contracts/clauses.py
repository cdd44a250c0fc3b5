"""The clause register: every row of the plan that this system answers for, with its owner and its state.

The rows are data (contracts/policy), one file per section of the plan. Terms are the plan's own, summaries are
ours. A row counts as implemented only while a test marked with its id exists, and a test checks that.
"""

from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

_POLICY = files("contracts") / "policy"


class ClauseClass(StrEnum):
    """What a row asks for: a core rule or workflow, a ledger, an indicator, or reference data."""

    CORE = "C"
    LEDGER = "L"
    INDICATOR = "I"
    REFERENCE = "R"


class ClauseStatus(StrEnum):
    IMPLEMENTED = "implemented"
    LEDGER = "ledger"
    INDICATOR = "indicator"
    REFERENCE = "reference"
    PLANNED = "planned"


class Service(StrEnum):
    """The four policy services and the gateway: who answers for a clause or provides a measure."""

    MONITORING = "monitoring"
    ASSETS = "assets"
    EMPLOYMENT = "employment"
    RELIEF = "relief"
    GATEWAY = "gateway"


class Summary(BaseModel):
    """What the row asks for, in our own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[GPMS]-[0-9A-Z.]+$")
    section: str = Field(min_length=1)
    """Where the row stands within its chapter, by the plan's own numbering."""
    term: str = Field(min_length=1)
    classes: tuple[ClauseClass, ...] = Field(min_length=1)
    """The first is what the row counts as."""
    owner: Service
    also: tuple[Service, ...] = ()
    """Other services that take part."""
    status: ClauseStatus
    summary: Summary


class Clause(_Row):
    """One row of the register."""

    chapter: int


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")

    chapter: int = Field(ge=1, le=4)
    clauses: tuple[_Row, ...]


class UnknownClause(LookupError):
    """No row of the register has this id."""


@cache
def clause_register() -> tuple[Clause, ...]:
    """Every row, in the order of the plan."""
    names = sorted(entry.name for entry in _POLICY.iterdir() if entry.name.endswith(".yaml"))
    sections = [_Section.model_validate(yaml.safe_load((_POLICY / name).read_text("utf-8"))) for name in names]
    return tuple(Clause(chapter=section.chapter, **row.model_dump()) for section in sections for row in section.clauses)


@cache
def _by_id() -> dict[str, Clause]:
    return {row.id: row for row in clause_register()}


def clause(clause_id: str) -> Clause:
    """The row with this id; raises UnknownClause."""
    try:
        return _by_id()[clause_id]
    except KeyError as error:
        raise UnknownClause(clause_id) from error

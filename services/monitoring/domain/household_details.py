"""What is recorded about a household itself, what makes it invalid, and what a correction changed of it."""

from dataclasses import dataclass, field
from datetime import date

from contracts.division import Division, Level
from contracts.errors import FieldError
from services.monitoring.domain.circumstances import Guarantees, Risk, risk_errors
from services.monitoring.domain.codes import HouseholdType


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdDetails:
    """What a correction may change; the village changes by moving."""

    household_type: HouseholdType
    national_no: str | None = None
    resettlement_site: str | None = None
    risks: tuple[Risk, ...] = ()
    guarantees: Guarantees = field(default_factory=Guarantees)


_ASPECTS = {
    "household_type": "household-type",
    "national_no": "national-no",
    "resettlement_site": "resettlement-site",
    "risks": "risks",
    "guarantees": "guarantees",
}


def changed_aspects(before: HouseholdDetails, after: HouseholdDetails) -> tuple[str, ...]:
    """Which aspects differ, as events name them: never how."""
    return tuple(aspect for name, aspect in _ASPECTS.items() if getattr(before, name) != getattr(after, name))


def details_errors(details: HouseholdDetails, on: date) -> list[FieldError]:
    """Everything that makes these details invalid on a day, each with its JSON pointer."""
    errors = risk_errors(details.risks, on)
    for name in ("national_no", "resettlement_site"):
        value = getattr(details, name)
        if value is not None and not (value.strip() and len(value) <= 60):
            errors.append(FieldError("text-form", f"/{name}"))
    return errors


def division_errors(division: str) -> list[FieldError]:
    """A household lives in a village or community: a division of twelve digits."""
    try:
        fits = Division(division).level is Level.VILLAGE
    except ValueError:
        fits = False
    return [] if fits else [FieldError("division-form", "/division")]

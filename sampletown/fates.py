"""What becomes of a household that is flagged: the officers' side of the story, told before any service decides.

The truth is written by hand on the story's own lines, as everywhere here: which flags an officer dismisses, which
household the village votes down, into which class one is identified and whether it leaves monitoring within the year.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from contracts.month import Month
from sampletown.household import ABLE, Household
from sampletown.lines import story_lines
from sampletown.randomness import randomness
from sampletown.scene import (
    CIVIL_AFFAIRS,
    DISASTER,
    HOUSING,
    JOB_LOSS,
    MEDICAL_INPATIENT,
    MEDICAL_OUTPATIENT,
    TUITION,
    WATER,
)

LEAVES_IN = Month(2024, 7)
"""The month of the story in which households are let go, and the last one by which they must have been identified."""
IDENTIFIED_BY = Month(2023, 12)
WEAK = "弱劳动力或半劳动力"


class Fate(StrEnum):
    """What the officers make of it."""

    DISMISSED = "dismissed"
    VOTED_DOWN = "voted-down"
    WITHDRAWN = "withdrawn"
    IDENTIFIED = "identified"


class Ending(StrEnum):
    """How the year ends for a household that was identified."""

    STAYS = "stays"
    ELIMINATED = "eliminated"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class HelpPlan:
    """The risk, the category that meets it, and who takes up work beside it (place in the household)."""

    risk: str
    category: str
    worker: int | None


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """Yuan of the twelve months as the surveyors find them."""

    wage: Decimal
    production: Decimal
    property_income: Decimal
    transfer: Decimal
    production_cost: Decimal
    rigid_expenditure: Decimal


_RISKS = {
    MEDICAL_INPATIENT: ("illness", "health"),
    MEDICAL_OUTPATIENT: ("illness", "health"),
    TUITION: ("schooling", "education"),
    HOUSING: ("housing", "housing"),
    WATER: ("water", "water"),
    DISASTER: ("disaster", "social-aid"),
    JOB_LOSS: ("job-loss", "employment"),
    CIVIL_AFFAIRS: ("fund-shortage", "finance"),
}


def fate_of(seed: int, household: Household) -> Fate:
    """What the officers make of the first flag of a household; the same for every rule that flags it."""
    drawn = randomness(seed, "fate", household.index).random()
    if drawn < 0.15:
        return Fate.DISMISSED
    if drawn < 0.22:
        return Fate.VOTED_DOWN
    return Fate.WITHDRAWN if drawn < 0.27 else Fate.IDENTIFIED


def class_of(household: Household, line_year: int) -> str:
    """Below the line of the year by type; at or above it the shock counts (`figures_of` tells it)."""
    if household.income.per_capita_net < story_lines().monitored[line_year]:
        return "unstable-relieved" if household.relieved else "marginal"
    return "sudden-hardship"


def figures_of(household: Household, line_year: int) -> SurveyFigures:
    """What surveyors find: last year's income, and where that reaches the line an expenditure that eats the rest."""
    income, line = household.income, story_lines().monitored[line_year]
    above = income.net - line * len(household.members)
    return SurveyFigures(
        wage=income.wage,
        production=income.production,
        property_income=income.property_income,
        transfer=income.transfer,
        production_cost=income.production_cost,
        rigid_expenditure=max(Decimal(0), above) + Decimal("1000.00") if above >= 0 else Decimal("0.00"),
    )


def plan_of(household: Household, rule: str) -> HelpPlan:
    """One measure for the risk, and work for the first member who is able to."""
    risk, category = _RISKS[rule]
    return HelpPlan(risk, category, worker_of(household))


def worker_of(household: Household) -> int | None:
    """The place of the first member who is able to work; None where nobody is."""
    able = (place for place, member in enumerate(household.members) if member.labour in (*ABLE, WEAK))
    return next(able, None)


def ending_of(household: Household, identified: Month) -> Ending:
    """Who was identified early enough and lives on the line is let go; who has nobody able to work is held."""
    if identified > IDENTIFIED_BY:
        return Ending.STAYS
    if worker_of(household) is None:
        return Ending.HELD
    lines = story_lines().monitored
    return Ending.ELIMINATED if household.income.per_capita_net >= max(lines.values()) else Ending.STAYS

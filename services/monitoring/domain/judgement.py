"""What a screening rule sees and what it says. A rule reads facts and dated parameters, never a clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.parameters import ParameterValue
from services.monitoring.domain.codes import HouseholdType


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningFacts:
    """The facts of one household (or member) in one period; each rule reads its own. None is not known, never zero."""

    household_type: HouseholdType | None = None
    """On the judged day."""
    monitored: bool | None = None
    """On the judged day."""
    labour: str | None = None
    """Labour ability of the member concerned."""
    amount: Decimal | None = None
    """Yuan: the sum of the period's evidence, or the loss of a single event."""
    persons: int | None = None
    """How many members the evidence of the period concerns."""
    grade: str | None = None
    litres_per_day: Decimal | None = None
    quality_ok: bool | None = None
    fetch_minutes: Decimal | None = None
    short_days: Decimal | None = None
    category: str | None = None
    kind: str | None = None
    """What was reported, where a person reported it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A rule's answer. `weight` says how heavy the evidence is, comparable within the rule; None where it has none."""

    code: str
    answer: Answer
    because: Because
    parameters: tuple[ParameterUsed, ...] = ()
    weight: Decimal | None = None

    @classmethod
    def of(
        cls,
        code: str,
        crossed: bool | None,
        because: Because,
        used: Iterable[ParameterValue] = (),
        weight: Decimal | None = None,
    ) -> "Judgement":
        return cls(
            code=code,
            answer=Answer.of(crossed),
            because=because,
            parameters=tuple(map(ParameterUsed.of, used)),
            weight=weight,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningFinding:
    """What screening found: the finding, the rule and period that a flag would stand for, and the day it speaks of."""

    finding: Finding
    rule: str
    period: str
    day: date
    amount: Decimal | None
    """The weight of the evidence: yuan, a number of persons or of failing indicators, or a rank, by the rule."""

    @property
    def crossed(self) -> Answer:
        return self.finding.answer

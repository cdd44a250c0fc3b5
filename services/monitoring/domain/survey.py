"""A survey of a household: what at least two persons found on the spot (M-1.1.8).

Income is that of twelve whole months, by kind; None is "not reported", zero was reported as zero. The figures are
personal: they stand here and in the database, never in events or logs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.month import Month
from contracts.parameters import ParameterValue
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import Guarantees
from services.monitoring.domain.codes import codes_of
from services.monitoring.domain.ids import CaseId, HouseholdId, MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class TwelveMonths:
    """Yuan of the twelve months that end with `last`, the four kinds of income and what production cost."""

    last: Month
    wage: Decimal | None = field(default=None, repr=False)
    production: Decimal | None = field(default=None, repr=False)
    property_income: Decimal | None = field(default=None, repr=False)
    transfer: Decimal | None = field(default=None, repr=False)
    production_cost: Decimal | None = field(default=None, repr=False)

    @property
    def net(self) -> Decimal | None:
        """The household's net income; None unless every part was reported."""
        parts = (self.wage, self.production, self.property_income, self.transfer)
        if self.production_cost is None or any(part is None for part in parts):
            return None
        return sum((part for part in parts if part is not None), Decimal(0)) - self.production_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    id: str
    household_id: HouseholdId
    case_id: CaseId | None
    division: str
    surveyed_on: date
    surveyors: tuple[str, ...]
    members: int
    """Who was counted in the household on that day."""
    income: TwelveMonths
    rigid_expenditure: Decimal | None = field(default=None, repr=False)
    """Compliant self-paid medical, schooling and other unavoidable expenditure of the twelve months."""
    expenditure_settled: bool | None = None
    """Whether a large rigid expenditure is solved for good, or there is none."""
    guarantees: Guarantees = field(default_factory=Guarantees)
    basic_living: bool | None = None
    labour: dict[MemberId, str] = field(default_factory=dict, repr=False)
    assets: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()


def survey_findings(survey: Survey, minimum: ParameterValue, on: date) -> tuple[Finding, ...]:
    """That enough persons made it. Raises TooFewSurveyors, and InvalidSurvey for what cannot be."""
    people = len(set(survey.surveyors))
    enough = people >= minimum.whole
    text = Because(zh=f"核查人员 {people} 名", en=f"{people} persons made the survey")
    finding = Finding(
        clause="M-1.1.8",
        code="surveyors",
        answer=Answer.of(enough),
        because=text,
        parameters=(ParameterUsed.of(minimum),),
    )
    if not enough:
        raise errors.TooFewSurveyors(findings=[finding])
    _check(survey, on)
    return (finding,)


def _check(survey: Survey, on: date) -> None:
    amounts = (
        survey.income.wage,
        survey.income.production,
        survey.income.property_income,
        survey.income.transfer,
        survey.income.production_cost,
        survey.rigid_expenditure,
    )
    unknown = set(survey.labour.values()) - codes_of("labour-abilities", survey.surveyed_on)
    in_future = survey.surveyed_on > on or survey.income.last >= Month.of(survey.surveyed_on).plus(1)
    if unknown or in_future or any(amount is not None and amount < 0 for amount in amounts):
        raise errors.InvalidSurvey


def newest(surveys: Iterable[Survey], day: date) -> Survey | None:
    """The latest survey made by a day."""
    made: Sequence[Survey] = [survey for survey in surveys if survey.surveyed_on <= day]
    return max(made, key=lambda survey: (survey.surveyed_on, survey.id), default=None)

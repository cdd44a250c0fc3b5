"""Into which class a household falls, by income range or shock (M-1.1.14; facts.md 2.1), and its identification.

Below the line of the year a relieved household is unstable and an ordinary one marginal. At or above it only a shock
identifies: a sudden incident, or an expenditure after which less than the line is left for each member.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.events.monitoring_cases import EliminationReverted, HouseholdIdentified, HouseholdRiskEliminated
from contracts.month import Month
from contracts.parameters import ParameterValue
from services.monitoring.domain import errors
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_parts import Conclusion
from services.monitoring.domain.circumstances import Monitored, MonitoringEnd, risk_errors
from services.monitoring.domain.codes import HouseholdType, MonitoredClass
from services.monitoring.domain.household import Household
from services.monitoring.domain.public import public_kind

LINE = "monitoring.income-line"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFacts:
    """What a survey says of a household: yuan of the last twelve months, None where it is not known."""

    household_type: HouseholdType
    members: int
    net_income: Decimal | None
    """Of the whole household, cost of production taken off."""
    rigid_expenditure: Decimal | None
    by_incident: bool
    """The case was opened from a sudden incident."""

    def per_capita(self, amount: Decimal | None) -> Decimal | None:
        return None if amount is None or self.members < 1 else amount / self.members


def class_finding(facts: ClassFacts, line: ParameterValue) -> tuple[MonitoredClass | None, Finding]:
    """The class that the facts lead to (None where none does), and why; unknown income is unknown."""
    income = facts.per_capita(facts.net_income)
    if income is None:
        return None, _class(Answer.UNKNOWN, None, line, _UNKNOWN)
    if income < line.decimal:
        relieved = facts.household_type is HouseholdType.RELIEVED
        found = MonitoredClass.UNSTABLE_RELIEVED if relieved else MonitoredClass.MARGINAL
        return found, _class(Answer.YES, found, line, _BELOW)
    spent = facts.per_capita(facts.rigid_expenditure)
    if facts.by_incident or (spent is not None and income - spent < line.decimal):
        return MonitoredClass.SUDDEN_HARDSHIP, _class(Answer.YES, MonitoredClass.SUDDEN_HARDSHIP, line, _SHOCK)
    if facts.rigid_expenditure is None:
        return None, _class(Answer.UNKNOWN, None, line, _UNKNOWN)
    return None, _class(Answer.NO, None, line, _ABOVE)


def conclusion(
    facts: ClassFacts, line: ParameterValue, wanted: Conclusion, on: date
) -> tuple[Conclusion, tuple[Finding, ...]]:
    """What the county may decide. Raises NotIdentifiable where the facts lead to no class or to another one, and
    InvalidHousehold for risks that cannot be."""
    if found := risk_errors(wanted.risks, on):
        raise errors.InvalidHousehold(errors=found)
    fitting, finding = class_finding(facts, line)
    risks = _risks(bool(wanted.risks))
    if fitting is None or wanted.monitored_class is not fitting or risks.answer is not Answer.YES:
        raise errors.NotIdentifiable(findings=[finding, risks])
    return wanted, (finding, risks)


def identify(household: Household, case: Case) -> None:
    """The household is monitored from the month of the decision on, in its class and with its risks."""
    decided = case.conclusion
    if decided is None or decided.monitored_class is None:
        raise errors.NotIdentifiable
    household.refuse_if_ended()
    if household.monitored and household.monitored[-1].ended is None:
        raise errors.AlreadyMonitored
    first = max(decided.month.first_day, household.classes.spans[-1].from_on)
    before = household.monitored[-1] if household.monitored else None
    household.classes = household.classes.changed(decided.monitored_class, first)
    household.monitored = (*household.monitored, Monitored(since=decided.month))
    household.risks = decided.risks
    named = {
        "household_id": household.id,
        "division": household.division,
        "case_id": case.id,
        "procedure": case.procedure,
    }
    identified = HouseholdIdentified(
        **named,
        monitored_class=decided.monitored_class.value,
        since=decided.month,
        risks=tuple(dict.fromkeys(public_kind(risk.code) for risk in decided.risks)),
    )
    if before is None or before.ended is None or before.how not in (MonitoringEnd.AIDED, MonitoringEnd.NATURAL):
        household.record(identified)
        return
    reverted_on = case.course.closed_on or case.course.entries[-1].on
    household.record(identified, EliminationReverted(**named, eliminated=before.ended, reverted_on=reverted_on))


def eliminate(household: Household, case: Case, *, month: Month, keep: bool) -> None:
    """The risk is marked as eliminated in this month; a household of a class that is kept goes on being helped."""
    if case.elimination is None or not household.monitored or household.monitored[-1].ended is not None:
        raise errors.NotMonitored
    span, mode = household.monitored[-1], case.elimination.mode
    household.monitored = (*household.monitored[:-1], replace(span, ended=month, how=mode, kept=keep))
    present = household.classes.present
    household.record(
        HouseholdRiskEliminated(
            household_id=household.id,
            division=household.division,
            case_id=case.id,
            procedure=case.procedure,
            mode=mode.value,
            eliminated=month,
            monitored_class=present.value if present else None,
        )
    )


_UNKNOWN = Because(
    zh="近十二个月收入或刚性支出不明", en="Income or rigid expenditure of the twelve months is not known"
)
_BELOW = Because(zh="人均纯收入低于当年监测线", en="Net income per head is below the line of the year")
_SHOCK = Because(zh="收入高于监测线，但因突发事件或大额刚性支出陷入困难",
                 en="Income is above the line, but an incident or a large expenditure leaves less")  # fmt: skip
_ABOVE = Because(zh="人均纯收入不低于监测线，且扣除刚性支出后仍不低于监测线",
                 en="Net income per head is not below the line, nor is what expenditure leaves of it")  # fmt: skip


def _class(answer: Answer, found: MonitoredClass | None, line: ParameterValue, because: Because) -> Finding:
    return Finding(
        clause="M-1.1.14",
        code=found.value if found else "no-class",
        answer=answer,
        because=because,
        parameters=(ParameterUsed.of(line),),
    )


def _risks(named: bool) -> Finding:
    text = Because(zh="至少登记一项风险", en="At least one risk is registered")
    return Finding(clause="M-1.1.14", code="risk-named", answer=Answer.of(named), because=text)

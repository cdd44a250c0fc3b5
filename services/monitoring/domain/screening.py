"""The screening rules by name, each with its clause, its period and the lines that SQL may narrow by.

A rule is written once, as a pure function; bulk comparison, single signals and what-if questions all come here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from contracts.decision import Finding
from contracts.parameters import ParameterBook
from services.monitoring.domain import rules_dwelling, rules_event, rules_expense
from services.monitoring.domain.bounds import Bounds, LineOf, Operator, loosest
from services.monitoring.domain.judgement import Judgement, ScreeningFacts, ScreeningFinding
from services.monitoring.domain.periods import (
    Period,
    calendar_month,
    calendar_year,
    school_year_of,
    single_event,
)

RULE_SET = "monitoring-screening-1"
"""Named in every decision; it rises when the text of a rule changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    key: str
    clause: str
    judge: Callable[[ScreeningFacts, ParameterBook, date, str], Judgement]
    period: Callable[[date], Period] | None
    """None: every event is a period of its own, named by its number."""
    lines: tuple[LineOf, ...] = ()
    per_member: bool = False
    """Whether the evidence of a period is added up by member instead of by household."""
    per_kind: bool = False
    """Whether each reported kind is a rule of its own, so that one kind does not hide another."""
    dated_by_file: bool = False
    """Whether the evidence speaks of the day to which the file reaches, not of the day in its row."""

    def period_of(self, day: date, event_number: str | None = None) -> Period:
        """The period in which evidence of a day lies; a single event needs its number."""
        if self.period is not None:
            return self.period(day)
        if event_number is None:
            raise ValueError(f"the rule {self.key} needs the number of the event")
        return single_event(event_number, day)

    def name_for(self, facts: ScreeningFacts) -> str:
        """The rule as flags name it."""
        return f"{self.key}-{facts.kind or 'unknown'}" if self.per_kind else self.key

    @property
    def parameter_keys(self) -> tuple[str, ...]:
        return tuple(line.key for line in self.lines if line.key)


_AMOUNT_FROM = (
    LineOf("amount", Operator.AT_LEAST, rules_expense.INPATIENT_RELIEVED),
    LineOf("amount", Operator.AT_LEAST, rules_expense.INPATIENT_ORDINARY),
)
_WATER = (
    LineOf("litres_per_day", Operator.BELOW, rules_dwelling.WATER_LITRES),
    LineOf("quality_ok", Operator.IS, fixed=False),
    LineOf("fetch_minutes", Operator.ABOVE, rules_dwelling.WATER_FETCH_MINUTES),
    LineOf("short_days", Operator.ABOVE, rules_dwelling.WATER_SHORT_DAYS),
)

RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule(
            key="medical-inpatient",
            clause="M-1.1.2",
            judge=rules_expense.medical_inpatient,
            period=calendar_year,
            lines=_AMOUNT_FROM,
            per_member=True,
        ),
        Rule(
            key="medical-outpatient",
            clause="M-1.1.2",
            judge=rules_expense.medical_outpatient,
            period=calendar_month,
            lines=(LineOf("amount", Operator.AT_LEAST, rules_expense.OUTPATIENT_MONTHLY),),
            per_member=True,
        ),
        Rule(
            key="tuition",
            clause="M-1.1.2",
            judge=rules_expense.tuition,
            period=school_year_of,
            lines=(LineOf("amount", Operator.ABOVE, rules_expense.TUITION_SCHOOL_YEAR),),
            per_member=True,
        ),
        Rule(
            key="housing",
            clause="M-1.1.2",
            judge=rules_dwelling.housing,
            period=None,
            lines=(LineOf("grade", Operator.ONE_OF, rules_dwelling.UNSAFE_GRADES),),
        ),
        Rule(key="water", clause="M-1.1.2", judge=rules_dwelling.water, period=None, lines=_WATER),
        Rule(key="disaster", clause="M-1.1.2", judge=rules_event.disaster, period=None),
        Rule(
            key="job-loss",
            clause="M-1.1.2",
            judge=rules_event.job_loss,
            period=None,
            lines=(LineOf("labour", Operator.ONE_OF, rules_event.ABLE_LABOUR),),
        ),
        Rule(
            key="civil-affairs",
            clause="M-1.1.2",
            judge=rules_event.civil_affairs,
            period=None,
            lines=(LineOf("category", Operator.ONE_OF, rules_event.LISTED_CATEGORIES),),
            dated_by_file=True,
        ),
        Rule(
            key="self-declared",
            clause="M-1.1.5",
            judge=rules_event.reported,
            period=calendar_month,
            lines=(LineOf("kind", Operator.ONE_OF, rules_event.REPORTED_KINDS),),
            per_kind=True,
        ),
        Rule(
            key="cadre-reported",
            clause="M-1.1.6",
            judge=rules_event.reported,
            period=calendar_month,
            lines=(LineOf("kind", Operator.ONE_OF, rules_event.REPORTED_KINDS),),
            per_kind=True,
        ),
        Rule(
            key="socially-reported",
            clause="M-1.1.7",
            judge=rules_event.reported,
            period=calendar_month,
            lines=(LineOf("kind", Operator.ONE_OF, rules_event.REPORTED_KINDS),),
            per_kind=True,
        ),
        Rule(
            key="incident",
            clause="M-1.3.9",
            judge=rules_event.incident,
            period=None,
            lines=(LineOf("kind", Operator.ONE_OF, rules_event.INCIDENT_KINDS),),
            per_kind=True,
        ),
    )
}


def screen(
    rule: Rule, facts: ScreeningFacts, *, book: ParameterBook, period: Period, day: date, division: str
) -> ScreeningFinding:
    """What a rule finds in the facts of a period, on its judged day, in the household's division on that day.

    Raises ParameterMissing when a value that the rule needs is not in force: a refusal, never a default.
    """
    judged = rule.judge(facts, book, day, division)
    finding = Finding(
        clause=rule.clause,
        code=judged.code,
        answer=judged.answer,
        because=judged.because,
        parameters=judged.parameters,
    )
    return ScreeningFinding(
        finding=finding, rule=rule.name_for(facts), period=period.text, day=day, amount=judged.weight
    )


def candidate_bounds(rule: Rule, book: ParameterBook, *, first: date, last: date, division: str) -> Bounds:
    """What SQL may narrow by for judged days from first to last in a division: never tighter than the rule."""
    lines = tuple(loosest(line, book, first=first, last=last, division=division) for line in rule.lines)
    return Bounds(rule.key, lines)

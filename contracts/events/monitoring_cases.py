"""The public events of cases: how a household is identified, and let go, step by step.

Like all public events they hold codes and ids only. A risk that tells health is not named; a finding whose source
tells health is `other-hardship`.
"""

from datetime import date
from typing import Self

from contracts.events.monitoring import (
    _DAY,
    _HOUSEHOLD,
    _THING,
    _VILLAGE,
    HouseholdEvent,
    PublicFinding,
    PublicParameter,
)
from contracts.month import Month

_CASE = "d8e9fa0b1c2d4e3f9a4b5c6d7e8f9002"
_ENTERING = {"household_id": _HOUSEHOLD, "division": _VILLAGE, "case_id": _CASE, "procedure": "identification"}
_LEAVING = {**_ENTERING, "procedure": "elimination"}


class CaseEvent(HouseholdEvent):
    """Something that happened in a case; `procedure` is `identification` or `elimination`."""

    case_id: str
    procedure: str


class CaseStepEvent(CaseEvent):
    """A step that was taken, with what it found by clause and code; `round` above 1 after a return."""

    on: date
    round: int
    outcome: str
    findings: tuple[PublicFinding, ...] = ()

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, on=_DAY, round=1, outcome="done")


class CaseOpened(CaseEvent):
    """A case was opened from a flag, a clue or an incident; the flags that it answers are named."""

    name = "case-opened"
    opened_on: date
    due_on: date
    order: tuple[str, ...]
    origin: str
    flag_ids: tuple[str, ...]

    @classmethod
    def example(cls) -> Self:
        return cls(
            **_ENTERING,
            opened_on=_DAY,
            due_on=date(2024, 3, 27),
            order=("survey", "review", "publicity"),
            origin="flag",
            flag_ids=(_THING,),
        )


class CaseAuthorized(CaseStepEvent):
    """The adults of the household authorised the check of their economy, until a day that stands in the case."""

    name = "case-authorized"


class CaseSurveyed(CaseStepEvent):
    name = "case-surveyed"


class CaseReviewed(CaseStepEvent):
    """The village voted; `outcome` is `carried` or `not-carried`."""

    name = "case-reviewed"


class PublicityOpened(CaseEvent):
    name = "publicity-opened"
    publicity_id: str
    from_on: date
    last_on: date
    """Its last day; objections are taken until it closes."""
    round: int

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, publicity_id=_THING, from_on=_DAY, last_on=date(2024, 3, 17), round=1)


class ObjectionFiled(CaseEvent):
    """Somebody objected; who and what is told to those who examine it."""

    name = "objection-filed"
    publicity_id: str
    objection_id: str
    filed_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, publicity_id=_THING, objection_id=_THING, filed_on=_DAY)


class ObjectionExamined(CaseEvent):
    """`outcome` is `upheld`, and the case goes back to the survey, or `dismissed`."""

    name = "objection-examined"
    publicity_id: str
    objection_id: str
    examined_on: date
    outcome: str

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, publicity_id=_THING, objection_id=_THING, examined_on=_DAY, outcome="upheld")


class PublicityClosed(CaseStepEvent):
    name = "publicity-closed"


class CaseCompared(CaseStepEvent):
    name = "case-compared"


class CaseTownChecked(CaseStepEvent):
    name = "case-town-checked"


class CaseCountyDecided(CaseStepEvent):
    name = "case-county-decided"


class CaseAnnounced(CaseStepEvent):
    name = "case-announced"


class CaseReturned(CaseStepEvent):
    """The case goes back to an earlier step; `outcome` is the reason by code."""

    name = "case-returned"
    to_step: str

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, on=_DAY, round=2, outcome="survey-incomplete", to_step="survey")


class CaseRejected(CaseStepEvent):
    """The case ended without identification (or without elimination), and why by clause."""

    name = "case-rejected"


class CaseWithdrawn(CaseStepEvent):
    name = "case-withdrawn"


class CasePassed(CaseEvent):
    """The household of the case went on in another one, its named successor; so does the case."""

    name = "case-passed"
    to_household_id: str
    on: date

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, to_household_id=_THING, on=_DAY)


class GreenChannelOpened(CaseEvent):
    """Measures come first; the steps that were skipped fall due by a day."""

    name = "green-channel-opened"
    opened_on: date
    due_on: date
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, opened_on=_DAY, due_on=date(2024, 3, 22), reason="natural-disaster")


class DeadlineEvent(CaseEvent):
    limit: str
    """`total` or `green-channel`."""
    due_on: date
    step: str | None
    """The step that waits."""
    clause: str

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, limit="total", due_on=_DAY, step="town-check", clause="M-1.1.16")


class CaseDeadlineNear(DeadlineEvent):
    name = "case-deadline-near"


class CaseDeadlineMissed(DeadlineEvent):
    name = "case-deadline-missed"


class GreenChannelOverdue(DeadlineEvent):
    name = "green-channel-overdue"


class HouseholdIdentified(CaseEvent):
    """The household is monitored from this month on, in this class; risks that tell health are `other-hardship`."""

    name = "household-identified"
    monitored_class: str
    since: Month
    risks: tuple[str, ...]

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, monitored_class="marginal", since=Month(2024, 3), risks=("schooling",))


class EliminationRequested(CaseEvent):
    """Elimination was asked for; `mode` is `aided` or `natural`."""

    name = "elimination-requested"
    mode: str
    requested_on: date
    findings: tuple[PublicFinding, ...]

    @classmethod
    def example(cls) -> Self:
        return cls(**_LEAVING, mode="aided", requested_on=_DAY, findings=(_stable(),))


class EliminationRefused(HouseholdEvent):
    """Not every answer is yes: which, by clause."""

    name = "elimination-refused"
    mode: str
    refused_on: date
    findings: tuple[PublicFinding, ...]

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, mode="aided", refused_on=_DAY, findings=(_stable("no"),))


class EliminationHeld(EliminationRefused):
    """Nobody in the household is able to work: it is held and followed, whatever the indicators say."""

    name = "elimination-held"


class HouseholdRiskEliminated(CaseEvent):
    """The risk is marked as eliminated from this month on; counted beside those re-opened and held."""

    name = "household-risk-eliminated"
    mode: str
    eliminated: Month
    monitored_class: str | None
    """The class that the household had until then."""

    @classmethod
    def example(cls) -> Self:
        return cls(**_LEAVING, mode="aided", eliminated=Month(2024, 10), monitored_class="marginal")


class PostMonitoringKept(CaseEvent):
    """An unstable relieved household stays under watch and keeps being helped after elimination."""

    name = "post-monitoring-kept"
    monitored_class: str
    kept_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(**_LEAVING, monitored_class="unstable-relieved", kept_on=_DAY)


class RiskResolved(HouseholdEvent):
    """A recorded risk is gone, `stably-removed` or `naturally-gone`; one that tells health is `other-hardship`."""

    name = "risk-resolved"
    risk: str
    how: str
    resolved_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(household_id=_HOUSEHOLD, division=_VILLAGE, risk="schooling", how="stably-removed", resolved_on=_DAY)


class EliminationReverted(CaseEvent):
    """A household whose risk had been eliminated is identified again."""

    name = "elimination-reverted"
    eliminated: Month
    reverted_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(**_ENTERING, eliminated=Month(2023, 10), reverted_on=_DAY)


def _stable(answer: str = "yes") -> PublicFinding:
    months = PublicParameter(key="monitoring.elimination.min-income-stable-months", value=6)
    return PublicFinding(clause="M-1.1.25", code="income-stable", answer=answer, parameters=(months,))


EVENTS = (
    CaseOpened,
    CaseAuthorized,
    CaseSurveyed,
    CaseReviewed,
    PublicityOpened,
    ObjectionFiled,
    ObjectionExamined,
    PublicityClosed,
    CaseCompared,
    CaseTownChecked,
    CaseCountyDecided,
    CaseAnnounced,
    CaseReturned,
    CaseRejected,
    CaseWithdrawn,
    CasePassed,
    GreenChannelOpened,
    CaseDeadlineNear,
    CaseDeadlineMissed,
    GreenChannelOverdue,
    HouseholdIdentified,
    EliminationRequested,
    EliminationRefused,
    EliminationHeld,
    RiskResolved,
    HouseholdRiskEliminated,
    PostMonitoringKept,
    EliminationReverted,
)
"""Every public event of cases."""

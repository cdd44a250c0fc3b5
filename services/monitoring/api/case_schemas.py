"""What the routes of cases read and answer."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import Request
from pydantic import Field

from chassis import problems
from chassis.idempotency import Answer
from chassis.preconditions import etag
from chassis.schemas import Input
from contracts.decision import Answer as Known
from contracts.decision import Finding
from contracts.money import Yuan
from contracts.month import Month
from contracts.procedure import Vote
from services.monitoring.api.household_schemas import Code
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_parts import Origin
from services.monitoring.domain.circumstances import Guarantee, Guarantees, Risk
from services.monitoring.domain.codes import MonitoredClass
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import CaseId, MemberId
from services.monitoring.domain.survey import Survey, TwelveMonths

Person = Annotated[str, Field(min_length=1, max_length=100, description="The `sub` of an officer.")]


class OriginInput(Input):
    kind: Literal["flag", "signal", "incident"]
    id: UUID

    def to_domain(self) -> Origin:
        return Origin(self.kind, str(self.id))


class CaseInput(Input):
    household_id: UUID
    origin: OriginInput


class AuthorizationInput(Input):
    signed_on: date
    expires_on: date = Field(description="Its last day.")
    scope: list[Code] = Field(min_length=1, max_length=20, examples=[["bank-deposits", "vehicles"]])
    signed_by: list[UUID] = Field(min_length=1, max_length=30, description="Every adult member.")
    attachments: list[UUID] = Field(min_length=1, max_length=20, description="The signed commitment.")


class GuaranteesInput(Input):
    education: bool | None = None
    medical: bool | None = None
    housing: bool | None = None
    water: bool | None = None

    def to_domain(self, known_on: date) -> Guarantees:
        def one(secured: bool | None) -> Guarantee:
            return Guarantee() if secured is None else Guarantee(Known.of(secured), known_on)

        return Guarantees(
            education=one(self.education),
            medical=one(self.medical),
            housing=one(self.housing),
            water=one(self.water),
        )


class SurveyInput(Input):
    """Yuan of the twelve months that end with `months_end`; a part that is left out was not reported."""

    surveyed_on: date
    companions: list[Person] = Field(min_length=0, max_length=10, description="Who made it beside the caller.")
    months_end: Month
    wage: Yuan | None = None
    production: Yuan | None = None
    property: Yuan | None = None
    transfer: Yuan | None = None
    production_cost: Yuan | None = None
    rigid_expenditure: Yuan | None = None
    expenditure_settled: bool | None = None
    guarantees: GuaranteesInput = GuaranteesInput()
    basic_living: bool | None = None
    labour: dict[UUID, Code] = Field(default_factory=dict, description="Codes of labour-abilities by member.")
    assets: list[Code] = Field(default_factory=list, max_length=30, examples=[["truck"]])
    attachments: list[UUID] = Field(default_factory=list, max_length=20)

    def to_domain(self, household: Household, person: str, case_id: CaseId | None) -> Survey:
        return Survey(
            id=str(uuid4()),
            household_id=household.id,
            case_id=case_id,
            division=household.division,
            surveyed_on=self.surveyed_on,
            surveyors=(person, *self.companions),
            members=len(household.members_on(self.surveyed_on)),
            income=TwelveMonths(
                last=self.months_end,
                wage=self.wage,
                production=self.production,
                property_income=self.property,
                transfer=self.transfer,
                production_cost=self.production_cost,
            ),
            rigid_expenditure=self.rigid_expenditure,
            expenditure_settled=self.expenditure_settled,
            guarantees=self.guarantees.to_domain(self.surveyed_on),
            basic_living=self.basic_living,
            labour={household.member(MemberId(str(key))).id: value for key, value in self.labour.items()},
            assets=tuple(self.assets),
            attachments=tuple(map(str, self.attachments)),
        )


class ReviewInput(Input):
    held_on: date
    entitled: int = Field(ge=1, le=10000)
    present: int = Field(ge=0, le=10000)
    in_favour: int = Field(ge=0, le=10000)
    against: int = Field(ge=0, le=10000)
    abstained: int = Field(ge=0, le=10000)
    minutes: list[UUID] = Field(default_factory=list, max_length=20)

    def to_domain(self) -> Vote:
        return Vote(
            entitled=self.entitled,
            present=self.present,
            in_favour=self.in_favour,
            against=self.against,
            abstained=self.abstained,
        )


class PublicityInput(Input):
    place: str = Field(min_length=1, max_length=200, examples=["嘎查村公示栏"])


class ObjectionInput(Input):
    """Who objects is told to those who examine it only; both may be left out."""

    content: str = Field(min_length=1, max_length=4000)
    name: str | None = Field(default=None, min_length=2, max_length=60)
    phone: str | None = Field(default=None, pattern=r"^[0-9+-]{5,20}$", examples=["13800001234"])


class ExaminationInput(Input):
    outcome: Literal["upheld", "dismissed"]
    reason: Code = Field(examples=["facts-not-found"], description="A code of objection-outcomes.")


class HitInput(Input):
    source: Code = Field(examples=["vehicles"])
    kind: Code = Field(examples=["truck"])
    member_id: UUID | None = None


class HitsInput(Input):
    hits: list[HitInput] = Field(max_length=200, description="Empty where the departments found nothing.")


class AdjudicationInput(Input):
    outcome: Literal["explained", "disqualifying"]
    reason: Code = Field(examples=["needed-for-work"], description="A code of hit-adjudication-reasons.")


class TownCheckInput(Input):
    outcome: Literal["passed", "rejected"]


class RiskInput(Input):
    code: Code = Field(examples=["schooling"], description="A code of risk-types.")
    remark: str | None = Field(default=None, max_length=200)


class CountyDecisionInput(Input):
    """An approved identification names class and risks; a rejection and an elimination name neither."""

    outcome: Literal["approved", "rejected"]
    monitored_class: MonitoredClass | None = None
    risks: list[RiskInput] = Field(default_factory=list, max_length=5, description="In order of weight.")

    def risks_to_domain(self) -> tuple[Risk, ...]:
        return tuple(Risk(risk.code, risk.remark) for risk in self.risks)


class NothingInput(Input):
    """Nothing is to be said; the body is an empty object."""


class ReturnInput(Input):
    to_step: Code = Field(examples=["survey"])
    reason: Code = Field(examples=["survey-incomplete"], description="A code of case-return-reasons.")


class WithdrawalInput(Input):
    reason: Code = Field(examples=["household-wishes"], description="A code of case-withdrawal-reasons.")


class GreenChannelInput(Input):
    reason: Code = Field(examples=["natural-disaster"], description="A code of green-channel-reasons.")
    attachments: list[UUID] = Field(min_length=1, max_length=20)


def told(case: Case, status: int = 200, **more: Any) -> Answer:
    """What a command on a case answers: id, version, standing and the step that waits."""
    body = {
        "id": case.id,
        "version": case.version,
        "state": case.standing.value,
        "step": case.course.step,
        "round": case.course.round,
        **more,
    }
    return Answer(status, body, {"Location": f"/v1/cases/{case.id}", "ETag": etag(case.version)})


def findings_of(findings: tuple[Finding, ...], request: Request) -> list[dict[str, Any]]:
    """Findings for the caller, because in the caller's language."""
    return [{**one.model_dump(mode="json"), "because": problems.text(one.because, request)} for one in findings]

"""The application form of a case, for signing by hand: household, procedure, authorisation, survey (M-1.1.8, M-1.1.9).

The household stands in it masked, as the registry masks it; only the applicant is named.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from chassis.documents.typesetting import Sheet
from contracts.dictionary import dictionary
from contracts.procedure import Course, procedure
from services.monitoring.documents.words import (
    ELIMINATION,
    ORIGINS,
    SECURED,
    TEMPLATES,
    amount_text,
    clause_text,
    code_text,
    day_text,
    economy_text,
    known_text,
    month_text,
)
from services.monitoring.domain.case_parts import Authorization
from services.monitoring.domain.survey import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedHousehold:
    """The registry's own masked columns of the head, and how many belong to the household."""

    householder: str
    resident_id: str | None
    phone: str | None
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationForm:
    """`origin` is the kind of the case's origin; `authorization` and `survey` are None before they are there."""

    case_id: str
    origin: str
    course: Course
    town: str
    village: str
    household: MaskedHousehold
    applicant: str = field(repr=False)
    authorization: Authorization | None = None
    survey: Survey | None = None

    def sheet(self) -> Sheet:
        eliminated = self.course.name == ELIMINATION
        return Sheet(
            template=TEMPLATES / "application-form.typ",
            name=f"申请表-{self.case_id}",
            title="监测对象风险消除申请表" if eliminated else "防止返贫监测对象申请表",
            day=self.course.opened_on,
            words={
                "case_id": self.case_id,
                "opened_on": day_text(self.course.opened_on),
                "origin": ORIGINS.get(self.origin, self.origin),
                "procedure": procedure(self.course.name).term.zh,
                "town": self.town,
                "village": self.village,
                "householder": self.household.householder,
                "resident_id": self.household.resident_id or "—",
                "phone": self.household.phone or "—",
                "members": f"{self.household.members}人",
                "applicant": self.applicant,
                "steps": self._steps(),
                "authorization": _authorization(self.authorization) if self.authorization else None,
                "survey": _survey(self.survey) if self.survey else None,
            },
        )

    def _steps(self) -> list[list[str]]:
        """Every step in the order of the case, with the day on which it was last taken and not gone back on."""
        declared, course = procedure(self.course.name).steps, self.course
        taken = {entry.step: entry.on for entry in course.entries if entry.step in course.order[: course.at]}
        return [
            [
                str(number),
                declared[key].term.zh,
                clause_text(declared[key].clause),
                day_text(taken[key]) if key in taken else "",
            ]
            for number, key in enumerate(course.order, 1)
        ]


def _authorization(signed: Authorization) -> dict[str, Any]:
    return {
        "scope": economy_text(signed.scope),
        "signed_on": day_text(signed.signed_on),
        "expires_on": day_text(signed.expires_on),
        "adults": f"{len(signed.adults)}名",
    }


def _survey(survey: Survey) -> dict[str, Any]:
    net = survey.income.net
    per_head = net / survey.members if net is not None and survey.members else None
    guarantees = survey.guarantees
    return {
        "surveyed_on": day_text(survey.surveyed_on),
        "surveyors": f"{len(set(survey.surveyors))}名",
        "months_end": month_text(survey.income.last),
        "net_income": amount_text(net),
        "per_head": amount_text(per_head),
        "rigid_expenditure": amount_text(survey.rigid_expenditure),
        "settled": known_text(survey.expenditure_settled),
        "education": SECURED[guarantees.education.secured],
        "medical": SECURED[guarantees.medical.secured],
        "housing": SECURED[guarantees.housing.secured],
        "water": SECURED[guarantees.water.secured],
        "basic_living": known_text(survey.basic_living),
        "assets": economy_text(survey.assets),
        "labour": _labour(survey),
    }


def _labour(survey: Survey) -> str:
    """How many members have each ability, in the order of the dictionary; 未填报 where nobody was asked."""
    counted = Counter(survey.labour.values())
    known = [code for code in dictionary("labour-abilities").codes(survey.surveyed_on) if code in counted]
    terms = [f"{code_text('labour-abilities', code, survey.surveyed_on)}{counted[code]}人" for code in known]
    return "、".join(terms) or "未填报"

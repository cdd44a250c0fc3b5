"""The letter that tells a household what the county decided, why, and what it can do about it (M-1.1.13).

Risks stand in the household's own copy only.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from chassis.documents.typesetting import Sheet
from contracts.decision import Finding
from contracts.month import Month
from services.monitoring.documents.words import (
    ANSWERS,
    ELIMINATION,
    TEMPLATES,
    clause_text,
    code_text,
    day_text,
    month_text,
)
from services.monitoring.domain.circumstances import Risk
from services.monitoring.domain.codes import OTHER_RISK, MonitoredClass


class Copy(StrEnum):
    HOUSEHOLD = "household"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLetter:
    """`month` is the one from which the decision counts, None for a refusal; `objection_until` the last day to object,
    None where no limit is set. `authority`, `enquiries` and `objection_to` are offices."""

    copy: Copy
    kind: Literal["identification", "elimination"]
    case_id: str
    town: str
    village: str
    householder: str
    approved: bool
    decided_on: date
    month: Month | None = None
    monitored_class: MonitoredClass | None = None
    risks: tuple[Risk, ...] = field(default=(), repr=False)
    findings: tuple[Finding, ...]
    authority: str
    enquiries: str
    objection_to: str
    objection_until: date | None = None

    def sheet(self) -> Sheet:
        return Sheet(
            template=TEMPLATES / "decision-letter.typ",
            name=f"决定书-{self.case_id}",
            title="风险消除决定书" if self.kind == ELIMINATION else "监测对象识别决定书",
            day=self.decided_on,
            words={
                "case_id": self.case_id,
                "eliminated": self.kind == ELIMINATION,
                "approved": self.approved,
                "town": self.town,
                "village": self.village,
                "householder": self.householder,
                "decided_on": day_text(self.decided_on),
                "month": month_text(self.month) if self.month else None,
                "class": self._class_term(),
                "risks": [self._risk_term(risk) for risk in self._risks_told()],
                "findings": [
                    [str(number), clause_text(one.clause), ANSWERS[one.answer], one.because.zh]
                    for number, one in enumerate(self.findings, 1)
                ],
                "authority": self.authority,
                "enquiries": self.enquiries,
                "objection_to": self.objection_to,
                "objection_until": day_text(self.objection_until) if self.objection_until else None,
            },
        )

    def _risks_told(self) -> tuple[Risk, ...]:
        return self.risks if self.copy is Copy.HOUSEHOLD else ()

    def _class_term(self) -> str | None:
        found = self.monitored_class
        return code_text("monitored-classes", found.value, self.decided_on) if found else None

    def _risk_term(self, risk: Risk) -> str:
        term = code_text("risk-types", risk.code, self.decided_on)
        return f"{term}（{risk.remark}）" if risk.code == OTHER_RISK and risk.remark else term

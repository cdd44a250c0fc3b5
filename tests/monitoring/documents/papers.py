"""Documents as tests need them, and what a reader finds in them: the text of a PDF, the parts of a page."""

import io
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from pypdf import PdfReader

from contracts.decision import Answer, Because, Finding
from contracts.month import Month
from contracts.procedure import Course
from services.monitoring.documents.application_form import ApplicationForm, MaskedHousehold
from services.monitoring.documents.decision_letter import Copy, DecisionLetter
from services.monitoring.documents.public_notice import PublicNotice
from services.monitoring.domain.case_parts import Authorization
from services.monitoring.domain.circumstances import Risk
from services.monitoring.domain.codes import MonitoredClass
from services.monitoring.domain.ids import CaseId, HouseholdId, MemberId
from services.monitoring.domain.survey import Survey, TwelveMonths

CASE = "0190c0de-1111-7000-8000-000000000001"
TOWN, VILLAGE = "查干淖尔镇", "哈日嘎查"


def a_notice(**given: Any) -> PublicNotice:
    made = {
        "kind": "identification",
        "notice_no": "2024-0312-01",
        "town": TOWN,
        "village": VILLAGE,
        "householder": "阿拉坦其其格",
        "members": 4,
        "from_on": date(2024, 3, 12),
        "until_on": date(2024, 3, 19),
        "objection_to": "查干淖尔镇人民政府",
    }
    return PublicNotice(**{**made, **given})


def a_finding(because: str = "人均纯收入低于当年监测线", **given: Any) -> Finding:
    made = {"clause": "M-1.1.14", "code": "marginal", "answer": Answer.YES, "because": Because(zh=because, en="-")}
    return Finding(**{**made, **given})


def a_letter(**given: Any) -> DecisionLetter:
    made = {
        "copy": Copy.HOUSEHOLD,
        "kind": "identification",
        "case_id": CASE,
        "town": TOWN,
        "village": VILLAGE,
        "householder": "阿拉坦其其格",
        "approved": True,
        "decided_on": date(2024, 4, 1),
        "month": Month(2024, 4),
        "monitored_class": MonitoredClass.MARGINAL,
        "risks": (Risk("illness"), Risk("other", "草场受灾")),
        "findings": (a_finding(),),
        "authority": "旗乡村振兴主管部门",
        "enquiries": "旗便民服务中心",
        "objection_to": "旗纪检监察机关",
        "objection_until": date(2024, 5, 31),
    }
    return DecisionLetter(**{**made, **given})


def a_survey(**given: Any) -> Survey:
    income = TwelveMonths(
        last=Month(2024, 2),
        wage=Decimal(9000),
        production=Decimal(22000),
        property_income=Decimal(0),
        transfer=Decimal(3000),
        production_cost=Decimal(8000),
    )
    made = {
        "id": "s",
        "household_id": HouseholdId("h"),
        "case_id": CaseId(CASE),
        "division": "150623100201",
        "surveyed_on": date(2024, 3, 13),
        "surveyors": ("first", "second"),
        "members": 4,
        "income": income,
        "rigid_expenditure": Decimal("31000.50"),
        "expenditure_settled": False,
        "labour": {MemberId("1"): "ordinary", MemberId("2"): "ordinary", MemberId("3"): "none"},
        "assets": ("truck",),
    }
    return Survey(**{**made, **given})


def a_form(**given: Any) -> ApplicationForm:
    made = {
        "case_id": CASE,
        "origin": "flag",
        "course": Course.begin("identification", "plan", date(2024, 3, 12)),
        "town": TOWN,
        "village": VILLAGE,
        "household": MaskedHousehold(
            householder="阿*****", resident_id="150623********1234", phone="138****1234", members=4
        ),
        "applicant": "乌云娜",
    }
    return ApplicationForm(**{**made, **given})


def an_authorization() -> Authorization:
    return Authorization(
        signed_on=date(2024, 3, 12),
        expires_on=date(2024, 6, 9),
        scope=("bank-deposits", "vehicles"),
        adults=(MemberId("1"), MemberId("2")),
        attachments=("a",),
    )


def pdf_pages(pdf: bytes) -> list[str]:
    """The text of each page without white space, which a line break may have put anywhere."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@dataclass
class Page(HTMLParser):
    """Reads a page strictly: every element that is opened is closed in order, and nothing is fetched."""

    html: str
    open: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str | None]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        assert self.html.startswith("<!DOCTYPE html>")
        self.feed(self.html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"head"} & set(self.open):
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return squeezed("".join(self.pieces))

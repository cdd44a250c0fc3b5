"""The notice on the village's board while a publicity runs (M-1.1.11).

It has its own schema: the householder's full name, where and how many, and nothing else about the household. An id
number, a phone, an account, anything of health, and a risk have no place here to stand in.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from chassis.documents.typesetting import Sheet
from services.monitoring.documents.words import ELIMINATION, TEMPLATES, day_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicNotice:
    """`members` is how many belong to the household; both days are included; `objection_to` is an office."""

    kind: Literal["identification", "elimination"]
    notice_no: str
    town: str
    village: str
    householder: str
    members: int
    from_on: date
    until_on: date
    objection_to: str

    def sheet(self) -> Sheet:
        eliminated = self.kind == ELIMINATION
        return Sheet(
            template=TEMPLATES / "public-notice.typ",
            name=f"公示-{self.notice_no}",
            title="监测对象风险消除公示" if eliminated else "防止返贫监测对象识别公示",
            day=self.from_on,
            words={
                "eliminated": eliminated,
                "notice_no": self.notice_no,
                "town": self.town,
                "village": self.village,
                "householder": self.householder,
                "members": f"{self.members}人",
                "from_on": day_text(self.from_on),
                "until_on": day_text(self.until_on),
                "objection_to": self.objection_to,
            },
        )

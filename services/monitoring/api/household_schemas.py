"""What callers send about households and members. Forms only: what a household may be is the domain's word."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from chassis.schemas import Input
from contracts.decision import Answer
from contracts.resident_id import InvalidResidentId, normalise, person_key
from services.monitoring.domain.circumstances import Guarantee, Guarantees, Risk
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.household_details import HouseholdDetails
from services.monitoring.domain.member import PHONE, MemberDetails

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Name = Annotated[str, StringConstraints(min_length=2, max_length=64)]
ResidentId = Annotated[str, StringConstraints(min_length=15, max_length=22)]
VillageCode = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


class RiskInput(Input):
    code: Code = Field(examples=["illness"])
    remark: str | None = Field(default=None, max_length=200)


class GuaranteeInput(Input):
    secured: Answer
    known_on: date | None = None


class GuaranteesInput(Input):
    """三保障及饮水：教育、医疗、住房、饮水。"""

    education: GuaranteeInput | None = None
    medical: GuaranteeInput | None = None
    housing: GuaranteeInput | None = None
    water: GuaranteeInput | None = None

    def to_domain(self) -> Guarantees:
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return Guarantees(**{n: Guarantee(g.secured, g.known_on) for n, g in given.items() if g is not None})


class MemberInput(Input):
    name: Name = Field(examples=["阿拉坦其其格"])
    relation: str = Field(pattern=r"^\dx?$", description="GB/T 4761, 0 is the head.", examples=["0"])
    resident_id: ResidentId | None = Field(default=None, description="15, 18, 20 or 22 characters.")
    sex: str | None = Field(default=None, pattern=r"^[0129]$", description="GB/T 2261.1")
    born_on: date | None = None
    ethnicity: str | None = Field(default=None, pattern=r"^\d{2}$", description="GB/T 3304")
    education: str | None = Field(default=None, pattern=r"^\d{2}$", description="GB/T 4658")
    schooling: str | None = Field(default=None, max_length=20)
    health: Code | None = None
    labour: Code | None = None
    phone: str | None = Field(default=None, pattern=PHONE)

    def to_domain(self, secret: bytes) -> MemberDetails:
        """The person, with the normalised id and the person key; an id that is none is left for the domain to name."""
        fields = self.model_dump()
        if self.resident_id is not None:
            try:
                fields["resident_id"] = normalise(self.resident_id)
                fields["person_key"] = person_key(fields["resident_id"], secret)
            except InvalidResidentId:
                fields["person_key"] = None
        return MemberDetails(**fields)


class HouseholdDetailsInput(Input):
    household_type: HouseholdType
    national_no: str | None = Field(default=None, min_length=1, max_length=60, description="户编号")
    resettlement_site: str | None = Field(default=None, min_length=1, max_length=60)
    risks: list[RiskInput] = Field(default_factory=list, max_length=10)
    guarantees: GuaranteesInput = Field(default_factory=GuaranteesInput)

    def to_domain(self) -> HouseholdDetails:
        return HouseholdDetails(
            household_type=self.household_type,
            national_no=self.national_no,
            resettlement_site=self.resettlement_site,
            risks=tuple(Risk(risk.code, risk.remark) for risk in self.risks),
            guarantees=self.guarantees.to_domain(),
        )


class RegisterHouseholdInput(HouseholdDetailsInput):
    division: VillageCode = Field(examples=["150623100200"])
    members: list[MemberInput] = Field(min_length=1, max_length=60)


class SearchInput(Input):
    resident_id: ResidentId = Field(description="15, 18, 20 or 22 characters; never echoed.")

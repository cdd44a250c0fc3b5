"""The request of the writing baselines, in plain pydantic."""

from pydantic import BaseModel


class RiskForm(BaseModel):
    code: str


class MemberForm(BaseModel):
    name: str
    relation: str
    resident_id: str
    ethnicity: str | None = None
    health: str | None = None
    labour: str | None = None
    phone: str | None = None


class HouseholdForm(BaseModel):
    household_type: str
    division: str
    risks: list[RiskForm]
    members: list[MemberForm]

"""What callers send about the life of a household: each command with its day, and its reason by code."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from chassis.schemas import Input
from contracts.resident_id import InvalidResidentId, normalise, person_key
from services.monitoring.api.household_schemas import (
    Code,
    GuaranteesInput,
    MemberInput,
    Name,
    ResidentId,
    RiskInput,
    VillageCode,
)
from services.monitoring.domain.circumstances import UNKNOWN, Guarantee, Risk
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.household_details import HouseholdDetails
from services.monitoring.domain.ids import MemberId
from services.monitoring.domain.member import PHONE, MemberDetails, Succession

RELATION = r"^\dx?$"


def _no_default(schema: dict[str, Any]) -> None:
    """What is not sent stays as it is: the value that stands in for it is not a default of the contract."""
    schema.pop("default", None)


class DatedInput(Input):
    on: date = Field(description="The first day on which it holds; not after today.", examples=["2024-03-12"])


class ChangeInput(DatedInput):
    reason: Code = Field(examples=["home-visit"], description="A code of the dictionary of reasons.")


class SuccessionInput(Input):
    """Who becomes head, and the others' relations to the new head where they are restated."""

    head: UUID
    relations: dict[UUID, str] = Field(default_factory=dict, max_length=60)

    def to_domain(self) -> Succession:
        restated = {MemberId(str(member)): relation for member, relation in self.relations.items()}
        return Succession(head=MemberId(str(self.head)), relations=restated)


class CorrectionInput(ChangeInput):
    """Only what is sent changes; null clears what may be unknown."""

    household_type: HouseholdType = Field(default=HouseholdType.ORDINARY, json_schema_extra=_no_default)
    national_no: str | None = Field(default=None, min_length=1, max_length=60, description="户编号")
    resettlement_site: str | None = Field(default=None, min_length=1, max_length=60)
    risks: list[RiskInput] = Field(default_factory=list, max_length=10)
    guarantees: GuaranteesInput = Field(default_factory=GuaranteesInput)

    def applied_to(self, known: HouseholdDetails) -> HouseholdDetails:
        """The details after this correction."""
        sent: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("household_type", "national_no", "resettlement_site")
            if name in self.model_fields_set
        }
        if "risks" in self.model_fields_set:
            sent["risks"] = tuple(Risk(risk.code, risk.remark) for risk in self.risks)
        if "guarantees" in self.model_fields_set:
            given = {name: getattr(self.guarantees, name) for name in self.guarantees.model_fields_set}
            found = {name: Guarantee(g.secured, g.known_on) if g else UNKNOWN for name, g in given.items()}
            sent["guarantees"] = replace(known.guarantees, **found)
        return replace(known, **sent)


class MemberFieldsInput(Input):
    """Only what is sent changes; null clears what may be unknown, which name and relation may not."""

    name: Name = Field(default="", json_schema_extra=_no_default)
    relation: str = Field(
        default="", pattern=RELATION, description="GB/T 4761, 0 is the head.", json_schema_extra=_no_default
    )
    resident_id: ResidentId | None = None
    sex: str | None = Field(default=None, pattern=r"^[0129]$")
    born_on: date | None = None
    ethnicity: str | None = Field(default=None, pattern=r"^\d{2}$")
    education: str | None = Field(default=None, pattern=r"^\d{2}$")
    schooling: str | None = Field(default=None, max_length=20)
    health: Code | None = None
    labour: Code | None = None
    phone: str | None = Field(default=None, pattern=PHONE)

    def applied_to(self, known: MemberDetails, secret: bytes) -> MemberDetails:
        """The details after this correction, with the person key of another id."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if "resident_id" in sent:
            sent["person_key"] = None
            if self.resident_id is not None:
                try:
                    sent["resident_id"] = normalise(self.resident_id)
                    sent["person_key"] = person_key(sent["resident_id"], secret)
                except InvalidResidentId:
                    pass  # the domain names it, with its place
        return replace(known, **sent)


class MemberCorrectionInput(ChangeInput):
    member: MemberFieldsInput


class JoinInput(ChangeInput):
    member: MemberInput


class DepartureInput(ChangeInput):
    succession: SuccessionInput | None = None


class DeathInput(DatedInput):
    succession: SuccessionInput | None = None


class HeadInput(ChangeInput):
    succession: SuccessionInput


class MoveInput(ChangeInput):
    to_division: VillageCode = Field(examples=["150623100201"])


class EndInput(ChangeInput):
    pass


class MoverInput(Input):
    member_id: UUID
    relation: str = Field(
        pattern=RELATION, description="To the head of the household in which the member goes on.", examples=["2x"]
    )


class MoversInput(ChangeInput):
    members: list[MoverInput] = Field(min_length=1, max_length=60)

    @model_validator(mode="after")
    def _each_once(self) -> "MoversInput":
        if len({mover.member_id for mover in self.members}) != len(self.members):
            raise ValueError("a member is named twice")
        return self

    def relations(self) -> dict[MemberId, str]:
        """The relation of each mover in the household in which he or she goes on."""
        return {MemberId(str(mover.member_id)): mover.relation for mover in self.members}


class SplitInput(MoversInput):
    division: VillageCode | None = Field(default=None, description="Where the new household lives, if elsewhere.")
    succession: SuccessionInput | None = Field(default=None, description="Who follows when the head moves out.")


class MergeInput(MoversInput):
    into_household_id: UUID
    into_version: int = Field(ge=1, description="The version of that household that the caller saw.")

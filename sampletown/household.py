"""A household of the synthetic place and its members, in the words of the national system's columns."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contracts.month import Month

ABLE = ("普通劳动力", "技能劳动力")


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    resident_id: str
    relation: str
    sex: str
    born_on: date
    ethnicity: str
    education: str
    schooling: str
    health: str
    labour: str
    phone: str


@dataclass(frozen=True, slots=True)
class Income:
    """Yuan of one calendar year; the four kinds are gross, `production_cost` is taken off."""

    year: int
    wage: Decimal
    production: Decimal
    property_income: Decimal
    transfer: Decimal
    production_cost: Decimal
    per_capita_net: Decimal

    @property
    def net(self) -> Decimal:
        return self.wage + self.production + self.property_income + self.transfer - self.production_cost


@dataclass(frozen=True, slots=True)
class Monitoring:
    """How a household that was identified before our first month stands in the national system."""

    monitored_class: str
    identified_month: Month
    risks: tuple[str, ...]
    risk_remark: str
    eliminated_month: Month | None
    elimination_mode: str

    @property
    def eliminated(self) -> bool:
        return self.eliminated_month is not None


@dataclass(frozen=True, slots=True)
class Household:
    index: int
    national_no: str
    division: str
    household_type: str
    site: str
    dangerous_house: bool
    safe_water: bool
    members: tuple[Member, ...]
    income: Income
    sheep: int
    cattle: int
    monitoring: Monitoring | None

    @property
    def head(self) -> Member:
        return self.members[0]

    @property
    def relieved(self) -> bool:
        return self.household_type == "脱贫户"

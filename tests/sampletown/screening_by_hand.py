"""A screening of bureaus' records written for these tests alone, with the lines as literals.

It knows nothing of the story's own file of lines nor of any service's parameters; so story, service and this check
can each find the others' mistake.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sampletown.household import Household


@dataclass(frozen=True, slots=True)
class Thresholds:
    inpatient_relieved: Decimal = Decimal("5000")
    inpatient_ordinary: Decimal = Decimal("20000")
    outpatient: Decimal = Decimal("500")
    tuition: Decimal = Decimal("10000")
    grades: frozenset[str] = frozenset({"C", "D"})
    litres: Decimal = Decimal(35)
    minutes: Decimal = Decimal(20)
    days: Decimal = Decimal(36)
    able: frozenset[str] = frozenset({"普通劳动力", "技能劳动力", "弱劳动力或半劳动力"})
    school_year_begins_in: int = 9
    year_ends_after: int = 12


@dataclass(frozen=True, slots=True)
class Record:
    """A record as a reader of the file understands it."""

    kind: str
    record_no: str
    resident_id: str
    occurred_on: date
    values: dict[str, object]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    national_no: str
    rule: str
    period: str


class Screening:
    """Takes records file by file and keeps the first month of every finding."""

    def __init__(self, households: Iterable[Household], thresholds: Thresholds | None = None) -> None:
        self.lines = thresholds or Thresholds()
        self.homes = {member.resident_id: home for home in households for member in home.members}
        self.labour = {member.resident_id: member.labour for home in self.homes.values() for member in home.members}
        self.sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.seen: set[tuple[str, str]] = set()
        self.found: dict[Finding, str] = {}

    def take(self, records: Iterable[Record], month: str) -> None:
        for record in records:
            if (record.kind, record.record_no) in self.seen:
                continue
            self.seen.add((record.kind, record.record_no))
            home = self.homes.get(record.resident_id)
            if home is not None:
                self._weigh(record, home, month)

    def _weigh(self, record: Record, home: Household, month: str) -> None:
        match record.kind:
            case "medical":
                crossed = self._medical(record, home)
            case "tuition":
                crossed = self._tuition(record)
            case _:
                crossed = (record.kind, record.record_no) if self._incident(record, home) else None
        if crossed:
            self.found.setdefault(Finding(home.national_no, *crossed), month)

    def _add(self, record: Record, rule: str, period: str) -> Decimal:
        key = (record.resident_id, rule, period)
        self.sums[key] += record.values["amount"]
        return self.sums[key]

    def _medical(self, record: Record, home: Household) -> tuple[str, str] | None:
        day = record.occurred_on
        if record.values["care"] == "门诊":
            period = f"{day:%Y-%m}"
            reached = self._add(record, "medical-outpatient", period) >= self.lines.outpatient
            return ("medical-outpatient", period) if reached else None
        period = str(day.year + (day.month > self.lines.year_ends_after))
        relieved = home.household_type == "脱贫户"
        line = self.lines.inpatient_relieved if relieved else self.lines.inpatient_ordinary
        reached = self._add(record, "medical-inpatient", period) >= line
        return ("medical-inpatient", period) if reached else None

    def _tuition(self, record: Record) -> tuple[str, str] | None:
        day = record.occurred_on
        period = str(day.year - (day.month < self.lines.school_year_begins_in))
        above = self._add(record, "tuition", period) > self.lines.tuition
        return ("tuition", period) if above else None

    def _incident(self, record: Record, home: Household) -> bool:
        match record.kind:
            case "housing":
                return record.values["grade"] in self.lines.grades
            case "water":
                return self._unsafe_water(record.values)
            case "job-loss":
                return self.labour[record.resident_id] in self.lines.able
            case "civil-affairs":
                return home.monitoring is None or home.monitoring.eliminated_month is not None
            case _:
                return True

    def _unsafe_water(self, told: dict[str, object]) -> bool:
        litres, minutes, days = told["litres_per_day"], told["fetch_minutes"], told["short_days"]
        return (
            (litres is not None and litres < self.lines.litres)
            or told["quality_ok"] == "否"
            or (minutes is not None and minutes > self.lines.minutes)
            or (days is not None and days > self.lines.days)
        )

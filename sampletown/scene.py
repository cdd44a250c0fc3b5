"""A scene of the story: what befalls one household, which files tell it, and what must (not) come of it.

The truth is told together with the rows, by hand, on the sides of the story's own lines. Nothing here computes
what a service would decide.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from contracts.month import Month
from sampletown.household import Household, Member
from sampletown.lines import Lines
from sampletown.row import FIRST_DAY, LAST_DAY, CellValue, Row, payment_shares, record_no, row
from sampletown.seat import Need

MEDICAL_INPATIENT = "medical-inpatient"
MEDICAL_OUTPATIENT = "medical-outpatient"
TUITION = "tuition"
HOUSING = "housing"
WATER = "water"
DISASTER = "disaster"
JOB_LOSS = "job-loss"
CIVIL_AFFAIRS = "civil-affairs"
RULES = (
    MEDICAL_INPATIENT,
    MEDICAL_OUTPATIENT,
    TUITION,
    HOUSING,
    WATER,
    DISASTER,
    JOB_LOSS,
    CIVIL_AFFAIRS,
)


@dataclass(frozen=True, slots=True)
class ExpectedFlag:
    """A household that must be flagged, once, for this rule and period."""

    national_no: str
    resident_id: str | None
    """The member whom it concerns; None when it concerns the household."""
    rule: str
    period: str
    file_month: Month
    """The month of the file with which the line is crossed."""
    records: tuple[str, ...]
    """The records that together cross it."""
    scene: str


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A household that must not be flagged for this rule, and the record that comes closest."""

    national_no: str
    resident_id: str | None
    rule: str
    records: tuple[str, ...]
    scene: str


@dataclass(frozen=True, slots=True)
class Telling:
    rows: tuple[Row, ...]
    flags: tuple[ExpectedFlag, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One household on which one scene is played."""

    household: Household
    scene: str
    lines: Lines
    rng: Random

    def day(self, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
        """Some day between two days, both included."""
        return first + timedelta(days=self.rng.randrange((last - first).days + 1))

    def days_of_one_year(self) -> tuple[date, date]:
        """Two days in order, in different months of one calendar year."""
        if self.rng.random() < 0.5:
            return self.day(last=date(2023, 9, 30)), self.day(date(2023, 10, 1), date(2023, 12, 30))
        return self.day(date(2024, 1, 2), date(2024, 3, 31)), self.day(date(2024, 4, 1))

    def yuan(self, least: Decimal | int, most: Decimal | int) -> Decimal:
        """Some amount between two, to the fen."""
        return Decimal(self.rng.randint(int(least * 100), int(most * 100))) / 100

    def member(self, *labour: str) -> Member:
        """The first member of that labour ability; without one, anybody."""
        if not labour:
            return self.rng.choice(self.household.members)
        return next(member for member in self.household.members if member.labour in labour)

    def row(self, kind: str, number: int, day: date, *, sent_in: Month | None = None, **values: CellValue) -> Row:
        """The household's record of that number, sent in the day's own month unless told otherwise."""
        named: dict[str, CellValue] = {
            "name": self.household.head.name,
            "resident_id": self.household.head.resident_id,
            "record_no": record_no(kind, "1", self.household.index * 100 + number),
            "occurred_on": day,
        }
        return row(kind, sent_in or Month.of(day), **(named | values))

    def payment(
        self, kind: str, number: int, day: date, member: Member, amount: Decimal, *,
        sent_in: Month | None = None, **values: CellValue,
    ) -> Row:  # fmt: skip
        """A member's record with an amount that they paid themselves."""
        shares = payment_shares(amount) if kind == "medical" else {}
        who: dict[str, CellValue] = {"name": member.name, "resident_id": member.resident_id, "amount": amount}
        return self.row(kind, number, day, sent_in=sent_in, **(who | shares | values))

    def flag(self, rule: str, period: str, *rows: Row, member: Member | None = None) -> ExpectedFlag:
        """The expectation that these rows, and the last of them at last, cross the line of a rule."""
        return ExpectedFlag(
            national_no=self.household.national_no,
            resident_id=member.resident_id if member else None,
            rule=rule,
            period=period,
            file_month=rows[-1].month,
            records=tuple(row.record_no for row in rows),
            scene=self.scene,
        )

    def crosses(self, rule: str, period: str, *rows: Row, member: Member | None = None) -> Telling:
        """These rows and nothing else happen, and they cross the line."""
        return Telling(rows, flags=(self.flag(rule, period, *rows, member=member),))

    def nearly(self, rule: str, *rows: Row, member: Member | None = None) -> Telling:
        """These rows and nothing else happen, and they stay on the harmless side."""
        miss = NearMiss(
            national_no=self.household.national_no,
            resident_id=member.resident_id if member else None,
            rule=rule,
            records=tuple(row.record_no for row in rows),
            scene=self.scene,
        )
        return Telling(rows, near_misses=(miss,))


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene, and what the household must be like that plays it."""

    name: str
    kinds: tuple[str, ...]
    tell: Callable[[Stage], Telling]
    relieved: bool | None = None
    need: Need = Need.NONE
    monitored: bool = False

"""The harmless rest of a bureau's file: registered people on the safe side, and people outside of the registry.

Sums stay far from the story's lines by construction: a household has inpatient or schooling expense in one
month of the year only, and nobody's visits of one month come near the outpatient line. Of households that play
a scene, or that the registry knows, nothing is told that could count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from random import Random

from contracts.month import Month
from sampletown.block import seats_of_block
from sampletown.household import Household
from sampletown.outsiders import Outsider, aged, outsider
from sampletown.randomness import randomness
from sampletown.registry import household
from sampletown.row import KIND_INDEX, MONTH_INDEX, CellValue, Row, payment_shares, record_no, row
from sampletown.scale import Scale
from sampletown.seat import WITH_CHILD, Seat, Standing

OUTSIDERS_PER_BLOCK = {
    "medical": 4,
    "tuition": 3,
    "housing": 1,
    "water": 1,
    "disaster": 1,
    "job-loss": 2,
    "civil-affairs": 2,
}
_MOST_OUTPATIENT = 240
_MOST_INPATIENT_ORDINARY, _MOST_INPATIENT_OTHER = 15_000, 4_000
_STAGES_OF_PAYING_STUDENTS = ("普通高中", "中等职业", "高等职业", "本科")
_SCHOOLS = {
    "普通高中": "样例高级中学",
    "中等职业": "样例职业学校",
    "高等职业": "样例职业学院",
    "本科": "样例大学",
}


@dataclass(slots=True)
class _Desk:
    """A bureau's clerk who writes one block's records of a month and numbers them."""

    seed: int
    scale: Scale
    block: int
    kind: str
    month: Month
    rng: Random
    written: int = 0

    @property
    def month_index(self) -> int:
        return MONTH_INDEX[self.month]

    def row(self, who: Outsider | Household | None, **values: CellValue) -> Row:
        self.written += 1
        number = (self.block * 12 + self.month_index) * 1000 + self.written
        named: dict[str, CellValue] = {
            "record_no": record_no(self.kind, "2", number),
            "occurred_on": self.day(),
        }
        if isinstance(who, Outsider):
            named |= {"name": who.name, "resident_id": who.resident_id}
        elif who is not None:
            named |= {"name": who.head.name, "resident_id": who.head.resident_id}
        return row(self.kind, self.month, **(named | values))

    def day(self) -> date:
        return self.month.first_day.replace(day=self.rng.randint(1, self.month.last_day.day))

    def yuan(self, least: int, most: int) -> Decimal:
        return Decimal(self.rng.randint(least * 100, most * 100)) / 100

    def outsiders(self, least_age: int = 18, most_age: int = 80) -> Iterator[Outsider]:
        for _ in range(OUTSIDERS_PER_BLOCK[self.kind]):
            number = aged(self.scale, self.rng.random(), self.rng.randint(least_age, most_age))
            yield outsider(self.seed, self.scale, number)

    def quiet_seats(self) -> list[Seat]:
        return [seat for seat in seats_of_block(self.seed, self.scale, self.block) if seat.scene is None]

    def some(self, seats: list[Seat], number: int) -> Iterator[Household]:
        for seat in self.rng.sample(seats, min(number, len(seats))):
            yield household(self.seed, self.scale, seat.index)

    def of_this_month(self, seats: list[Seat]) -> list[Seat]:
        """The seats whose turn it is: each has its turn once in the twelve months."""
        return [seat for seat in seats if (seat.index + self.block) % 12 == self.month_index]


@lru_cache(maxsize=9000)
def noise_of_block(seed: int, scale: Scale, block: int, kind: str, month: Month) -> tuple[Row, ...]:
    """The harmless rows that a block adds to a bureau's file of a month. (A town's are all kept: 8,400 calls.)"""
    rng = randomness(seed, "noise", block, KIND_INDEX[kind], MONTH_INDEX[month])
    desk = _Desk(seed, scale, block, kind, month, rng)
    write = {"medical": _medical, "tuition": _tuition, "housing": _housing, "water": _water}
    return tuple(write.get(kind, _outsiders_only)(desk))


def _medical(desk: _Desk) -> Iterator[Row]:
    for home in desk.some(desk.quiet_seats(), 4):
        member = desk.rng.choice(home.members)
        for _ in range(desk.rng.randint(1, 2)):
            yield _settlement(desk, member.name, member.resident_id, "门诊", desk.yuan(5, _MOST_OUTPATIENT))
    seats = desk.of_this_month(desk.quiet_seats())
    for seat in seats[:2]:
        home = household(desk.seed, desk.scale, seat.index)
        member = desk.rng.choice(home.members)
        ordinary = not seat.relieved and seat.standing is Standing.FREE
        most = _MOST_INPATIENT_ORDINARY if ordinary else _MOST_INPATIENT_OTHER
        yield _settlement(desk, member.name, member.resident_id, "住院", desk.yuan(400, most))
    for person in desk.outsiders():
        care, most = ("住院", 60_000) if desk.rng.random() < 0.3 else ("门诊", 2_000)
        yield _settlement(desk, person.name, person.resident_id, care, desk.yuan(10, most))


def _settlement(desk: _Desk, name: str, number: str, care: str, amount: Decimal) -> Row:
    shares = payment_shares(amount)
    values: dict[str, CellValue] = {"name": name, "resident_id": number, "care": care, "amount": amount}
    return desk.row(None, **(values | shares))


def _tuition(desk: _Desk) -> Iterator[Row]:
    seats = [seat for seat in desk.of_this_month(desk.quiet_seats()) if seat.template in WITH_CHILD]
    for seat in seats:
        for member in household(desk.seed, desk.scale, seat.index).members:
            if member.schooling not in _STAGES_OF_PAYING_STUDENTS:
                continue
            for _ in range(desk.rng.randint(1, 2)):
                yield desk.row(
                    None,
                    name=member.name,
                    resident_id=member.resident_id,
                    stage=member.schooling,
                    school=_SCHOOLS[member.schooling],
                    amount=desk.yuan(600, 4500),
                )
    for student in desk.outsiders(16, 18):
        stage = desk.rng.choice(_STAGES_OF_PAYING_STUDENTS[:2])
        yield desk.row(student, stage=stage, school=_SCHOOLS[stage], amount=desk.yuan(600, 16_000))


def _housing(desk: _Desk) -> Iterator[Row]:
    for home in desk.some(desk.quiet_seats(), 1):
        yield desk.row(home, grade=desk.rng.choices(("A", "B"), (70, 30))[0])
    for person in desk.outsiders():
        yield desk.row(person, grade=desk.rng.choices(("A", "B", "C", "D"), (60, 25, 10, 5))[0])


def _water(desk: _Desk) -> Iterator[Row]:
    for home in desk.some(desk.quiet_seats(), 2):
        yield desk.row(
            home,
            litres_per_day=desk.rng.choice((None, desk.rng.randint(40, 110))),
            quality_ok=desk.rng.choice((None, "是", "是")),
            fetch_minutes=desk.rng.choice((None, desk.rng.randint(0, 15))),
            short_days=desk.rng.randint(0, 30),
        )
    for person in desk.outsiders():
        yield desk.row(
            person,
            litres_per_day=desk.rng.randint(15, 110),
            quality_ok=desk.rng.choice(("是", "否")),
            fetch_minutes=desk.rng.randint(0, 40),
            short_days=desk.rng.randint(0, 60),
        )


def _outsiders_only(desk: _Desk) -> Iterator[Row]:
    """Disaster, job loss and the civil-affairs list: a registered household's entry is never harmless."""
    for person in desk.outsiders():
        match desk.kind:
            case "disaster":
                hazard = desk.rng.choice(("雪灾", "旱灾", "冰雹"))
                yield desk.row(person, hazard=hazard, amount=desk.yuan(300, 40_000))
            case "job-loss":
                yield desk.row(person, employer=desk.rng.choice(("样例物流公司", "样例餐饮店", None)))
            case _:
                yield desk.row(person, category=desk.rng.choice(("低保", "特困", "低保边缘")))

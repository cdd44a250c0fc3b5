"""Scenes of incidents: house, water, disaster, job, civil-affairs list. The period is the record's own number."""

from datetime import date
from decimal import Decimal
from functools import partial

from contracts.month import Month
from sampletown.household import Member
from sampletown.row import CellValue, Row
from sampletown.scene import CIVIL_AFFAIRS, DISASTER, HOUSING, JOB_LOSS, WATER, Scene, Stage, Telling
from sampletown.seat import Need

_HAZARDS = ("雪灾", "旱灾", "冰雹", "沙尘暴", "洪涝")
_CATEGORIES = ("低保", "特困", "低保边缘", "刚性支出困难")


def _incident(stage: Stage, rule: str, row: Row) -> Telling:
    return stage.crosses(rule, row.record_no, row)


def unsafe_house(stage: Stage, nth: int) -> Telling:
    grade = stage.lines.unsafe_grades[nth]
    return _incident(stage, HOUSING, stage.row("housing", 1, stage.day(), grade=grade))


def safe_house(stage: Stage) -> Telling:
    """Grade B has single members at risk and is still not a dangerous house."""
    return stage.nearly(HOUSING, stage.row("housing", 1, stage.day(), grade="B"))


def _water_row(stage: Stage, **told: CellValue) -> Row:
    """An assessment whose four indicators stand on their lines, but for what is told."""
    lines = stage.lines
    indicators: dict[str, CellValue] = {
        "litres_per_day": lines.litres_per_day,
        "quality_ok": "是",
        "fetch_minutes": lines.fetch_minutes,
        "short_days": lines.short_days,
    }
    return stage.row("water", 1, stage.day(), sent_in=None, **(indicators | told))


def water_on_every_line(stage: Stage) -> Telling:
    return stage.nearly(WATER, _water_row(stage))


def water_not_reported(stage: Stage) -> Telling:
    """What a bureau did not measure is unknown, which is neither unsafe nor zero litres."""
    unknown: dict[str, CellValue] = {"litres_per_day": None, "fetch_minutes": None, "quality_ok": None}
    return stage.nearly(WATER, _water_row(stage, **unknown))


def too_little_water(stage: Stage) -> Telling:
    return _incident(stage, WATER, _water_row(stage, litres_per_day=stage.lines.litres_per_day - 1))


def a_little_too_little_water(stage: Stage) -> Telling:
    """A tenth of a litre under the line is under it."""
    litres = Decimal(stage.lines.litres_per_day) - Decimal("0.1")
    return _incident(stage, WATER, _water_row(stage, litres_per_day=litres))


def bad_water(stage: Stage) -> Telling:
    return _incident(stage, WATER, _water_row(stage, quality_ok="否"))


def water_too_far(stage: Stage) -> Telling:
    return _incident(stage, WATER, _water_row(stage, fetch_minutes=stage.lines.fetch_minutes + 1))


def water_too_often_short(stage: Stage) -> Telling:
    """One day too many, and nothing else reported."""
    unknown: dict[str, CellValue] = {"litres_per_day": None, "fetch_minutes": None, "quality_ok": None}
    row = _water_row(stage, short_days=stage.lines.short_days + 1, **unknown)
    return _incident(stage, WATER, row)


def disaster(stage: Stage) -> Telling:
    row = stage.row("disaster", 1, stage.day(), hazard=stage.rng.choice(_HAZARDS), amount=stage.yuan(800, 60000))
    return _incident(stage, DISASTER, row)


def disaster_sent_twice(stage: Stage) -> Telling:
    """The same damage stands in two months' files: one incident, one flag."""
    day = stage.day(last=date(2024, 6, 30))
    hazard, amount = stage.rng.choice(_HAZARDS), stage.yuan(800, 60000)
    first = stage.row("disaster", 1, day, hazard=hazard, amount=amount)
    again = stage.row("disaster", 1, day, hazard=hazard, amount=amount, sent_in=Month.of(day).plus(1))
    return Telling((first, again), flags=(stage.flag(DISASTER, first.record_no, first),))


def _job_loss_row(stage: Stage, worker: Member) -> Row:
    return stage.row(
        "job-loss", 1, stage.day(), name=worker.name, resident_id=worker.resident_id, employer="样例劳务公司"
    )


def job_lost(stage: Stage, nth: int) -> Telling:
    worker = stage.member(stage.lines.labour[nth])
    row = _job_loss_row(stage, worker)
    return stage.crosses(JOB_LOSS, row.record_no, row, member=worker)


def registered_without_labour(stage: Stage) -> Telling:
    """On the unemployment register, but the person has lost the ability to work: no job was lost."""
    person = stage.member("丧失劳动力")
    return stage.nearly(JOB_LOSS, _job_loss_row(stage, person), member=person)


def _list_entry(stage: Stage, category: str) -> Row:
    return stage.row("civil-affairs", 1, stage.day(), category=category)


def listed(stage: Stage, category: str) -> Telling:
    row = _list_entry(stage, category)
    return stage.crosses(CIVIL_AFFAIRS, row.record_no, row, member=stage.household.head)


def listed_and_monitored(stage: Stage) -> Telling:
    """On the civil-affairs list and monitored already: both lists agree."""
    return stage.nearly(CIVIL_AFFAIRS, _list_entry(stage, "低保"), member=stage.household.head)


_WATER, _JOBS, _LIST = ("water",), ("job-loss",), ("civil-affairs",)
INCIDENT_SCENES = (
    Scene("housing-grade-c", ("housing",), partial(unsafe_house, nth=0)),
    Scene("housing-grade-d", ("housing",), partial(unsafe_house, nth=1)),
    Scene("housing-grade-b", ("housing",), safe_house),
    Scene("water-on-every-line", _WATER, water_on_every_line),
    Scene("water-not-reported", _WATER, water_not_reported),
    Scene("water-one-litre-under", _WATER, too_little_water),
    Scene("water-a-tenth-under", _WATER, a_little_too_little_water),
    Scene("water-quality", _WATER, bad_water),
    Scene("water-one-minute-over", _WATER, water_too_far),
    Scene("water-one-day-over", _WATER, water_too_often_short),
    Scene("disaster", ("disaster",), disaster),
    Scene("disaster-sent-twice", ("disaster",), disaster_sent_twice),
    Scene("job-lost-ordinary", _JOBS, partial(job_lost, nth=0), need=Need.WORKER),
    Scene("job-lost-skilled", _JOBS, partial(job_lost, nth=1), need=Need.SKILLED_WORKER),
    Scene("job-lost-weak", _JOBS, partial(job_lost, nth=2), need=Need.WEAK_WORKER),
    Scene("job-register-without-labour", _JOBS, registered_without_labour, need=Need.LOST_LABOUR),
    *(Scene(f"listed-{number}", _LIST, partial(listed, category=category))
      for number, category in enumerate(_CATEGORIES, start=1)),
    Scene("listed-and-monitored", _LIST, listed_and_monitored, monitored=True),
)  # fmt: skip

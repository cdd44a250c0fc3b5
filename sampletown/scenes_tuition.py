"""Scenes of schooling expense: a student's self-paid sums of a school year, which begins on 1 September."""

from datetime import date
from decimal import Decimal

from contracts.month import Month
from sampletown.household import Member
from sampletown.lines import FEN
from sampletown.row import Row
from sampletown.scene import TUITION, Scene, Stage, Telling
from sampletown.seat import Need

LAST_DAY_OF_2022, FIRST_DAY_OF_2023 = date(2023, 8, 31), date(2023, 9, 1)
_STAGES = ("普通高中", "中等职业")


def _student(stage: Stage) -> Member:
    return next(member for member in stage.household.members if member.schooling in _STAGES)


def _fee(
    stage: Stage, number: int, day: date, student: Member, amount: Decimal, *, sent_in: Month | None = None
) -> Row:
    school = "样例职业学校" if student.schooling == "中等职业" else "样例高级中学"
    return stage.payment(
        "tuition", number, day, student, amount, sent_in=sent_in, stage=student.schooling, school=school
    )


def one_fen_over(stage: Stage) -> Telling:
    student = _student(stage)
    fee = _fee(stage, 1, stage.day(FIRST_DAY_OF_2023), student, stage.lines.tuition + FEN)
    return stage.crosses(TUITION, "2023", fee, member=student)


def on_the_line(stage: Stage) -> Telling:
    """Exactly on the line is not above it."""
    student = _student(stage)
    return stage.nearly(
        TUITION, _fee(stage, 1, stage.day(FIRST_DAY_OF_2023), student, stage.lines.tuition), member=student
    )


def both_terms(stage: Stage) -> Telling:
    """The first day of the school year and the spring term count together."""
    student, part = _student(stage), stage.yuan(3000, 7000)
    return stage.crosses(
        TUITION, "2023",
        _fee(stage, 1, FIRST_DAY_OF_2023, student, part),
        _fee(stage, 2, stage.day(date(2024, 2, 20)), student, stage.lines.tuition - part + FEN),
        member=student,
    )  # fmt: skip


def far_over(stage: Stage) -> Telling:
    student = _student(stage)
    amount = stage.lines.tuition + stage.yuan(2000, 12000)
    return stage.crosses(TUITION, "2023", _fee(stage, 1, stage.day(FIRST_DAY_OF_2023), student, amount), member=student)


def last_days_of_summer(stage: Stage) -> Telling:
    """Paid up to 31 August: the line of the school year before is crossed."""
    student, part = _student(stage), stage.yuan(3000, 7000)
    return stage.crosses(
        TUITION, "2022",
        _fee(stage, 1, stage.day(last=date(2023, 8, 20)), student, part),
        _fee(stage, 2, LAST_DAY_OF_2022, student, stage.lines.tuition - part + FEN),
        member=student,
    )  # fmt: skip


def over_the_turn_of_school_year(stage: Stage) -> Telling:
    """31 August belongs to the former school year, 1 September to the new one; neither is over."""
    student, line = _student(stage), stage.lines.tuition
    return stage.nearly(
        TUITION,
        _fee(stage, 1, LAST_DAY_OF_2022, student, line),
        _fee(stage, 2, FIRST_DAY_OF_2023, student, line),
        member=student,
    )


TUITION_SCENES = tuple(
    Scene(f"tuition-{name}", ("tuition",), tell, need=Need.STUDENT)
    for name, tell in (
        ("one-fen-over", one_fen_over),
        ("on-the-line", on_the_line),
        ("both-terms", both_terms),
        ("far-over", far_over),
        ("last-days-of-summer", last_days_of_summer),
        ("over-the-turn-of-school-year", over_the_turn_of_school_year),
    )
)

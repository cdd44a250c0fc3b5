"""Scenes of medical expense: self-paid sums of a person's calendar year (inpatient) and month (outpatient)."""

from datetime import date
from decimal import Decimal

from contracts.month import Month
from sampletown.household import Member
from sampletown.lines import FEN
from sampletown.row import Row
from sampletown.scene import MEDICAL_INPATIENT, MEDICAL_OUTPATIENT, Scene, Stage, Telling
from sampletown.seat import Need

NEW_YEARS_EVE, NEW_YEAR = date(2023, 12, 31), date(2024, 1, 1)


def _stay(
    stage: Stage, number: int, day: date, patient: Member, amount: Decimal, *, sent_in: Month | None = None
) -> Row:
    return stage.payment("medical", number, day, patient, amount, sent_in=sent_in, care="住院")


def _visit(
    stage: Stage, number: int, day: date, patient: Member, amount: Decimal, *, sent_in: Month | None = None
) -> Row:
    return stage.payment("medical", number, day, patient, amount, sent_in=sent_in, care="门诊")


def _line(stage: Stage) -> Decimal:
    lines = stage.lines
    return lines.inpatient_relieved if stage.household.relieved else lines.inpatient_ordinary


def _one_stay_crosses(stage: Stage, amount: Decimal) -> Telling:
    patient, day = stage.member(), stage.day()
    stay = _stay(stage, 1, day, patient, amount)
    return stage.crosses(MEDICAL_INPATIENT, str(day.year), stay, member=patient)


def inpatient_on_the_line(stage: Stage) -> Telling:
    return _one_stay_crosses(stage, _line(stage))


def inpatient_far_over(stage: Stage) -> Telling:
    return _one_stay_crosses(stage, stage.yuan(_line(stage) * 2, _line(stage) * 4))


def inpatient_one_fen_under(stage: Stage) -> Telling:
    patient = stage.member()
    return stage.nearly(MEDICAL_INPATIENT, _stay(stage, 1, stage.day(), patient, _line(stage) - FEN), member=patient)


def inpatient_adds_up(stage: Stage) -> Telling:
    """Two stays of one person in one year reach the line together, exactly."""
    patient, (first, second) = stage.member(), stage.days_of_one_year()
    part = stage.yuan(_line(stage) / 5, _line(stage) / 2)
    return stage.crosses(
        MEDICAL_INPATIENT, str(first.year),
        _stay(stage, 1, first, patient, part),
        _stay(stage, 2, second, patient, _line(stage) - part),
        member=patient,
    )  # fmt: skip


def inpatient_goes_on(stage: Stage) -> Telling:
    """A stay crosses the line, and a later one of the same year is only more evidence."""
    patient, (first, second) = stage.member(), stage.days_of_one_year()
    crossing = _stay(stage, 1, first, patient, _line(stage) + FEN)
    later = _stay(stage, 2, second, patient, stage.yuan(500, 3000))
    return Telling(
        (crossing, later),
        flags=(stage.flag(MEDICAL_INPATIENT, str(first.year), crossing, member=patient),),
    )


def inpatient_in_both_years(stage: Stage) -> Telling:
    """The line is crossed in each of two calendar years: two periods, two flags."""
    patient = stage.member()
    old = _stay(stage, 1, stage.day(last=NEW_YEARS_EVE), patient, _line(stage))
    new = _stay(stage, 2, stage.day(NEW_YEAR), patient, _line(stage) + stage.yuan(1, 900))
    return Telling(
        (old, new),
        flags=(
            stage.flag(MEDICAL_INPATIENT, "2023", old, member=patient),
            stage.flag(MEDICAL_INPATIENT, "2024", new, member=patient),
        ),
    )


def inpatient_over_new_year(stage: Stage) -> Telling:
    """Enough for a flag, but the first stay ended on 31 December and belongs to the year before."""
    patient, under = stage.member(), _line(stage) - FEN
    return stage.nearly(
        MEDICAL_INPATIENT,
        _stay(stage, 1, NEW_YEARS_EVE, patient, under),
        _stay(stage, 2, NEW_YEAR, patient, under),
        member=patient,
    )


def inpatient_reported_late(stage: Stage) -> Telling:
    """A stay of 31 December comes with January's file and crosses the line of the year before."""
    patient = stage.member()
    part = stage.yuan(_line(stage) / 5, _line(stage) / 2)
    return stage.crosses(
        MEDICAL_INPATIENT, "2023",
        _stay(stage, 1, stage.day(last=date(2023, 11, 30)), patient, part),
        _stay(stage, 2, NEW_YEARS_EVE, patient, _line(stage) - part, sent_in=Month(2024, 1)),
        member=patient,
    )  # fmt: skip


def inpatient_sent_twice(stage: Stage) -> Telling:
    """The same settlement stands in two months' files; counted twice it would cross the line."""
    patient, day = stage.member(), stage.day(last=date(2024, 6, 30))
    amount = stage.yuan(_line(stage) * Decimal("0.6"), _line(stage) * Decimal("0.9"))
    return stage.nearly(
        MEDICAL_INPATIENT,
        _stay(stage, 1, day, patient, amount),
        _stay(stage, 1, day, patient, amount, sent_in=Month.of(day).plus(1)),
        member=patient,
    )


def inpatient_of_two_members(stage: Stage) -> Telling:
    """Two members together are over the line; the line is a person's."""
    first, second = stage.household.members[:2]
    days, under = stage.days_of_one_year(), _line(stage) - FEN
    return stage.nearly(
        MEDICAL_INPATIENT, _stay(stage, 1, days[0], first, under), _stay(stage, 2, days[1], second, under)
    )


def inpatient_and_outpatient(stage: Stage) -> Telling:
    """Inpatient and outpatient expense together are over the inpatient line; they are not added."""
    patient, day = stage.member(), stage.day()
    return stage.nearly(
        MEDICAL_INPATIENT,
        _stay(stage, 1, day, patient, _line(stage) - 100),
        _visit(stage, 2, day, patient, stage.yuan(110, 400)),
        member=patient,
    )


def ordinary_over_the_relieved_line(stage: Stage) -> Telling:
    """Over the line of relieved households, but the household is an ordinary one."""
    patient = stage.member()
    amount = stage.yuan(stage.lines.inpatient_relieved, stage.lines.inpatient_ordinary - 1)
    return stage.nearly(MEDICAL_INPATIENT, _stay(stage, 1, stage.day(), patient, amount), member=patient)


def outpatient_on_the_line(stage: Stage) -> Telling:
    patient, day = stage.member(), stage.day()
    visit = _visit(stage, 1, day, patient, stage.lines.outpatient)
    return stage.crosses(MEDICAL_OUTPATIENT, str(Month.of(day)), visit, member=patient)


def outpatient_one_fen_under(stage: Stage) -> Telling:
    patient = stage.member()
    visit = _visit(stage, 1, stage.day(), patient, stage.lines.outpatient - FEN)
    return stage.nearly(MEDICAL_OUTPATIENT, visit, member=patient)


def outpatient_adds_up(stage: Stage) -> Telling:
    """The first and the last day of a month count together."""
    patient, month = stage.member(), Month.of(stage.day())
    part = stage.yuan(100, 400)
    return stage.crosses(
        MEDICAL_OUTPATIENT, str(month),
        _visit(stage, 1, month.first_day, patient, part),
        _visit(stage, 2, month.last_day, patient, stage.lines.outpatient - part),
        member=patient,
    )  # fmt: skip


def outpatient_over_the_turn_of_month(stage: Stage) -> Telling:
    """The last day of a month and the first of the next do not count together."""
    patient, month = stage.member(), Month.of(stage.day(last=date(2024, 6, 30)))
    under = stage.lines.outpatient - FEN
    return stage.nearly(
        MEDICAL_OUTPATIENT,
        _visit(stage, 1, month.last_day, patient, under),
        _visit(stage, 2, month.plus(1).first_day, patient, under),
        member=patient,
    )


def outpatient_reported_late(stage: Stage) -> Telling:
    """A visit of the last day of a month comes with the next month's file and completes the sum."""
    patient, month = stage.member(), Month.of(stage.day(last=date(2024, 6, 30)))
    part = stage.yuan(100, 400)
    return stage.crosses(
        MEDICAL_OUTPATIENT, str(month),
        _visit(stage, 1, month.first_day, patient, part),
        _visit(stage, 2, month.last_day, patient, stage.lines.outpatient - part, sent_in=month.plus(1)),
        member=patient,
    )  # fmt: skip


def outpatient_in_two_months(stage: Stage) -> Telling:
    """The line is crossed in two months: two periods, two flags."""
    patient, month = stage.member(), Month.of(stage.day(last=date(2024, 6, 30)))
    rows = [
        _visit(stage, number, each.first_day, patient, stage.lines.outpatient + stage.yuan(0, 700))
        for number, each in enumerate((month, month.plus(1)), start=1)
    ]
    flags = [stage.flag(MEDICAL_OUTPATIENT, str(row.month), row, member=patient) for row in rows]
    return Telling(tuple(rows), flags=tuple(flags))


_KINDS = ("medical",)
MEDICAL_SCENES = (
    Scene("inpatient-relieved-on-the-line", _KINDS, inpatient_on_the_line, relieved=True),
    Scene("inpatient-ordinary-on-the-line", _KINDS, inpatient_on_the_line, relieved=False),
    Scene("inpatient-relieved-one-fen-under", _KINDS, inpatient_one_fen_under, relieved=True),
    Scene("inpatient-ordinary-one-fen-under", _KINDS, inpatient_one_fen_under, relieved=False),
    Scene("inpatient-relieved-adds-up", _KINDS, inpatient_adds_up, relieved=True),
    Scene("inpatient-ordinary-adds-up", _KINDS, inpatient_adds_up, relieved=False),
    Scene("inpatient-ordinary-far-over", _KINDS, inpatient_far_over, relieved=False),
    Scene("inpatient-goes-on", _KINDS, inpatient_goes_on, relieved=False),
    Scene("inpatient-in-both-years", _KINDS, inpatient_in_both_years, relieved=False),
    Scene("inpatient-relieved-over-new-year", _KINDS, inpatient_over_new_year, relieved=True),
    Scene("inpatient-ordinary-over-new-year", _KINDS, inpatient_over_new_year, relieved=False),
    Scene("inpatient-reported-late", _KINDS, inpatient_reported_late, relieved=False),
    Scene("inpatient-sent-twice", _KINDS, inpatient_sent_twice, relieved=False),
    Scene("inpatient-of-two-members", _KINDS, inpatient_of_two_members, relieved=False, need=Need.PAIR),
    Scene("inpatient-and-outpatient", _KINDS, inpatient_and_outpatient, relieved=True),
    Scene("ordinary-over-the-relieved-line", _KINDS, ordinary_over_the_relieved_line, relieved=False),
    Scene("outpatient-on-the-line", _KINDS, outpatient_on_the_line),
    Scene("outpatient-one-fen-under", _KINDS, outpatient_one_fen_under),
    Scene("outpatient-adds-up", _KINDS, outpatient_adds_up),
    Scene("outpatient-over-the-turn-of-month", _KINDS, outpatient_over_the_turn_of_month),
    Scene("outpatient-reported-late", _KINDS, outpatient_reported_late),
    Scene("outpatient-in-two-months", _KINDS, outpatient_in_two_months),
)

"""Publicity of a case (M-1.1.11): held in the village only, closed when its days are over and no objection is open.

After an upheld objection the case goes back to the survey, and a new round follows. The limit of the whole procedure
stands still while an objection is examined.
"""

from dataclasses import replace
from datetime import date

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.events import monitoring_cases as events
from contracts.parameters import ParameterValue
from contracts.procedure import DutiesNotSeparated
from contracts.working_day import DueDay, after_days, after_working_days
from services.monitoring.domain import errors
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_parts import Objection, ObjectionStanding, Publicity
from services.monitoring.domain.codes import reason_code

WORKING_DAYS = "working-days"


def last_day(from_on: date, days: ParameterValue, counted: ParameterValue) -> DueDay:
    """The last day of a publicity that begins on a day; its days count from the day after."""
    count = after_working_days if counted.value == WORKING_DAYS else after_days
    return count(from_on, days.whole)


def open_publicity(
    case: Case, *, publicity_id: str, place: str, days: ParameterValue, counted: ParameterValue, by: str, on: date
) -> Publicity:
    """The notice is put up today. Raises OutOfOrder, PublicityRuns."""
    case.course.awaits("publicity")
    if case.publicity is not None and case.publicity.running:
        raise errors.PublicityRuns
    last = last_day(on, days, counted)
    opened = Publicity(
        id=publicity_id,
        round=case.course.round,
        place=place,
        from_on=on,
        last_on=last.day,
        provisional=last.provisional,
    )
    case.publicities = (*case.publicities, opened)
    case.course = case.course.record(
        "publicity-opening", by=[by], on=on, outcome="done", findings=(_days_finding(opened, days, counted),)
    )
    case.record(
        events.PublicityOpened(
            **case.named(), publicity_id=opened.id, from_on=on, last_on=opened.last_on, round=opened.round
        )
    )
    return opened


def file_objection(case: Case, *, publicity_id: str, objection_id: str, on: date) -> None:
    """Somebody objects while the publicity runs. Raises PublicityIsOver."""
    running = _running(case, publicity_id)
    _replace(case, replace(running, objections=(*running.objections, Objection(id=objection_id, filed_on=on))))
    case.course = case.course.record("objection", by=[], on=on, outcome="filed").paused(on)
    case.record(
        events.ObjectionFiled(**case.named(), publicity_id=publicity_id, objection_id=objection_id, filed_on=on)
    )


def examine_objection(case: Case, *, objection_id: str, upheld: bool, reason: str, by: str, on: date) -> None:
    """An objection is looked into. Upheld, it ends the publicity and the case goes back to the survey.

    Raises NoSuchObjection, ObjectionIsExamined, DutiesNotSeparated (who surveyed the household does not examine),
    InvalidReason.
    """
    reason = reason_code("objection-outcomes", reason, on)
    publicity = next((p for p in case.publicities if any(o.id == objection_id for o in p.objections)), None)
    if publicity is None:
        raise errors.NoSuchObjection
    objection = next(one for one in publicity.objections if one.id == objection_id)
    if objection.standing is not ObjectionStanding.OPEN or not publicity.running:
        raise errors.ObjectionIsExamined
    if any(entry.step == "survey" and by in entry.by for entry in case.course.entries):
        raise DutiesNotSeparated
    standing = ObjectionStanding.UPHELD if upheld else ObjectionStanding.DISMISSED
    examined = replace(objection, standing=standing, examined_on=on, reason=reason)
    publicity = replace(
        publicity,
        objections=tuple(examined if one is objection else one for one in publicity.objections),
        closed_on=on if upheld else None,
    )
    _replace(case, publicity)
    case.course = case.course.record("objection-examination", by=[by], on=on, outcome=f"{standing.value}:{reason}")
    if upheld or not publicity.has_open_objection:
        case.course = case.course.resumed(on)
    case.record(
        events.ObjectionExamined(
            **case.named(),
            publicity_id=publicity.id,
            objection_id=objection_id,
            examined_on=on,
            outcome=standing.value,
        )
    )
    if upheld:
        case.returned("survey", by=by, on=on, reason="objection-upheld")


def close_publicity(case: Case, *, publicity_id: str, by: str, on: date) -> None:
    """All days are over and no objection is open: the step is taken. Raises PublicityTooShort, ObjectionOpen."""
    running = _running(case, publicity_id)
    if running.has_open_objection:
        raise errors.ObjectionOpen(findings=[_finding("no-open-objection", Answer.NO, _OBJECTION)])
    if on <= running.last_on:
        text = Because(zh=f"公示期至 {running.last_on} 止", en=f"It runs to {running.last_on}")
        raise errors.PublicityTooShort(findings=[_finding("publicity-days", Answer.NO, text)])
    text = Because(zh=f"公示自 {running.from_on} 至 {running.last_on}，无未办结异议",
                   en=f"It ran from {running.from_on} to {running.last_on} and no objection is open")  # fmt: skip
    findings = (_finding("publicity-days", Answer.YES, text),)
    case.course = case.course.take("publicity", by=[by], on=on, findings=findings)
    _replace(case, replace(running, closed_on=on))
    case.tell(events.PublicityClosed, on=on, findings=findings)


def readable(publicity: Publicity, day: date) -> bool:
    """A notice can be read while it runs: to its last day, and longer while it is not closed."""
    return publicity.from_on <= day and publicity.running


_OBJECTION = Because(zh="有异议尚未办结", en="An objection is still open")


def _running(case: Case, publicity_id: str) -> Publicity:
    publicity = case.publicity
    if publicity is None or publicity.id != publicity_id or not publicity.running:
        raise errors.PublicityIsOver
    return publicity


def _replace(case: Case, publicity: Publicity) -> None:
    case.publicities = tuple(publicity if one.id == publicity.id else one for one in case.publicities)


def _days_finding(publicity: Publicity, days: ParameterValue, counted: ParameterValue) -> Finding:
    text = Because(zh=f"公示 {days.value} 天，自次日起算，至 {publicity.last_on} 止",
                   en=f"{days.value} days from the day after, to {publicity.last_on}")  # fmt: skip
    return _finding("publicity-days", Answer.YES, text, (ParameterUsed.of(days), ParameterUsed.of(counted)))


def _finding(code: str, answer: Answer, because: Because, used: tuple[ParameterUsed, ...] = ()) -> Finding:
    return Finding(clause="M-1.1.11", code=code, answer=answer, because=because, parameters=used)

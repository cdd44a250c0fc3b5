"""Visits to households and the cycle in which each is visited (M-1.1.1, M-1.1.6).

A visit recorded without network brings its own id and day: order follows the day, limits the recording.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta

from contracts.events.envelope import Raised
from contracts.events.monitoring import VisitRecorded
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.domain import errors
from services.monitoring.domain.codes import codes_of
from services.monitoring.domain.ids import HouseholdId, VisitId, household_key

CYCLE_MONITORED = "monitoring.visits.cycle-months.monitored"
CYCLE_REGISTERED = "monitoring.visits.cycle-months.registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    id: VisitId
    household_id: HouseholdId
    division: str
    visitor_sub: str
    visited_on: date
    recorded_on: date
    purpose: str
    findings: str = field(default="", repr=False)
    attachments: tuple[str, ...] = ()


def check_visit(visit: Visit) -> None:
    """Raises InvalidVisit for a day after the recording or an unknown purpose."""
    if visit.visited_on > visit.recorded_on or visit.purpose not in codes_of("visit-purposes", visit.visited_on):
        raise errors.InvalidVisit


def visit_recorded(visit: Visit) -> Raised:
    """The public event: day and purpose, not what was found."""
    return Raised(
        data=VisitRecorded(
            household_id=visit.household_id,
            division=visit.division,
            visit_id=visit.id,
            visited_on=visit.visited_on,
            purpose=visit.purpose,
        ),
        key=household_key(visit.household_id),
        subject=visit.id,
        division=visit.division,
    )


def cycle_key(*, monitored: bool) -> str:
    """The parameter that holds how many months may lie between visits."""
    return CYCLE_MONITORED if monitored else CYCLE_REGISTERED


def cycle_months(book: ParameterBook, *, monitored: bool, day: date, division: str) -> int:
    """How many months may lie between visits on a day in a division. Raises ParameterMissing."""
    return book.find(cycle_key(monitored=monitored), day, division).whole


def visit_due_on(last_visit: date | None, registered_on: date, cycle_months: int) -> date:
    """The last day in time: the same day of the month so many months later, or that month's last day.

    Counted from the last visit, before the first one from registration.
    """
    start = registered_on if last_visit is None else max(last_visit, registered_on)
    month = Month.of(start).plus(cycle_months)
    return date(month.year, month.number, min(start.day, calendar.monthrange(month.year, month.number)[1]))


def overdue_since(last_visit: date | None, registered_on: date, cycle_months: int, day: date) -> date | None:
    """The first day on which the visit was overdue, or None while it is in time; on the due day it still is."""
    due = visit_due_on(last_visit, registered_on, cycle_months)
    return due + timedelta(days=1) if day > due else None

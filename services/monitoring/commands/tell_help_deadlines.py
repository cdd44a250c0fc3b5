"""At the end of each day: whose plan, first measure or developmental measure is due, near or missed (facts.md 2.2).

Set-based: SQL finds the households that lack it, counted from the registration of their identification.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from chassis.runtime import Runtime
from chassis.unit_of_work import UnitOfWork
from contracts.events.envelope import Raised
from contracts.events.measures import HelpDeadlineEvent, MeasureDeadlineMissed, MeasureDeadlineNear
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.domain.ids import HouseholdId, household_key
from services.monitoring.domain.measure_plan import able, developmental
from services.monitoring.storage import help_deadlines

JOB = "help-deadlines"
PLAN_DAYS, FIRST_MONTHS, DEVELOPMENTAL_MONTHS, NEAR_DAYS = (
    "monitoring.measures.plan-days",
    "monitoring.measures.first-months",
    "monitoring.measures.developmental-months",
    "monitoring.measures.near-days",
)
PLAN, FIRST, DEVELOPMENTAL = "plan", "first-measure", "developmental"
CLAUSES = {PLAN: "M-1.1.18", FIRST: "M-1.1.18", DEVELOPMENTAL: "M-1.1.19"}


async def tell_help_deadlines(runtime: Runtime, uow: UnitOfWork, days: Sequence[date]) -> None:
    """One event for each household and limit that became near or was missed, in order of household."""
    book = await runtime.parameters.book(uow.driver)
    for day in days:
        lacking = await help_deadlines.lacking(uow.driver, able=able(day), developmental=developmental(day))
        told: list[tuple[str, str, str, Raised]] = []
        for one in lacking:
            due = due_on(one.limit, one.registered_on, book, day, one.division)
            near = due - timedelta(days=book.find(NEAR_DAYS, day, one.division).whole)
            kind = "missed" if day >= due else "near" if day >= near else None
            if kind is not None:
                event = MeasureDeadlineMissed if kind == "missed" else MeasureDeadlineNear
                told.append((one.case_id, one.limit, kind, _raised(event, one, due)))
        new = await help_deadlines.remember(uow, [(case, limit, kind) for case, limit, kind, _ in told], day)
        uow.raise_events(raised for case, limit, kind, raised in told if (case, limit, kind) in new)
        await uow.flush()


def due_on(limit: str, registered_on: date, book: ParameterBook, day: date, division: str) -> date:
    """The last day of a limit: so many days, or the same day so many months later (or that month's last one)."""
    if limit == PLAN:
        return registered_on + timedelta(days=book.find(PLAN_DAYS, day, division).whole)
    key = FIRST_MONTHS if limit == FIRST else DEVELOPMENTAL_MONTHS
    month = Month.of(registered_on).plus(book.find(key, day, division).whole)
    return min(month.last_day, month.first_day + timedelta(days=registered_on.day - 1))


def _raised(event: type[HelpDeadlineEvent], one: help_deadlines.Lacking, due: date) -> Raised:
    return Raised(
        data=event(
            household_id=one.household_id,
            division=one.division,
            case_id=one.case_id,
            limit=one.limit,
            due_on=due,
            clause=CLAUSES[one.limit],
        ),
        key=household_key(HouseholdId(one.household_id)),
        subject=one.household_id,
        division=one.division,
    )

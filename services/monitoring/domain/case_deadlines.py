"""The limits of a case: fifteen days in all (M-1.1.16), and what a green channel skipped (M-1.1.15).

A day's end is judged: on the evening of its last day a limit that is not met is missed. Each limit is told once as
near and once as missed; one that stands still is told when it runs again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.events import monitoring_cases as events
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_parts import CaseStanding

TOTAL, GREEN_CHANNEL = "total", "green-channel"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a case as known on a day: its last day, and the first day on which it is near."""

    name: str
    clause: str
    due_on: date
    near_on: date


def limits_of(case: Case, day: date) -> Iterator[Limit]:
    """The limits that run; none for a closed case, and not the total one while it stands still."""
    if case.standing is not CaseStanding.OPEN:
        return
    near = timedelta(days=case.limits.near_days)
    if not case.course.stands_still:
        due = case.due_on(day)
        yield Limit(TOTAL, "M-1.1.16", due, due - near)
    if case.green_channel is not None:
        yield Limit(GREEN_CHANNEL, "M-1.1.15", case.green_channel.due_on, case.green_channel.due_on - near)


def look_on(case: Case) -> date | None:
    """The first day at whose end something is to be told; None while there is nothing to come."""
    days = [
        day
        for limit in limits_of(case, case.course.opened_on)
        for kind, day in (("near", limit.near_on), ("missed", limit.due_on))
        if f"{limit.name}-{kind}" not in case.told and f"{limit.name}-missed" not in case.told
    ]
    return min(days, default=None)


def tell_deadlines(case: Case, ended: date) -> None:
    """At the end of a day, tell what became near or was missed, once each."""
    told: list[events.DeadlineEvent] = []
    names: list[str] = []
    for limit in limits_of(case, ended):
        kind = "missed" if ended >= limit.due_on else "near" if ended >= limit.near_on else None
        if kind is None or f"{limit.name}-{kind}" in case.told or f"{limit.name}-missed" in case.told:
            continue
        names.append(f"{limit.name}-{kind}")
        told.append(
            _event(limit, kind)(
                **case.named(), limit=limit.name, due_on=limit.due_on, step=case.course.step, clause=limit.clause
            )
        )
    if told:
        case.told = (*case.told, *names)
        case.record(*told)


def _event(limit: Limit, kind: str) -> type[events.DeadlineEvent]:
    if kind == "near":
        return events.CaseDeadlineNear
    return events.GreenChannelOverdue if limit.name == GREEN_CHANNEL else events.CaseDeadlineMissed

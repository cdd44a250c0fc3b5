"""Visits in the database. A visit is written once: its id is its maker's, so a repeat finds it there."""

import json

from chassis.unit_of_work import UnitOfWork
from services.monitoring.domain import errors
from services.monitoring.domain.visits import Visit, visit_recorded

_INSERT = """
insert into visit (id, household_id, division, visitor, visited_on, recorded_on, purpose, findings, attachments)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing returning id
"""
_SAME = """
select household_id = $2 and visitor = $3 and visited_on = $4 and purpose = $5 and findings = $6
       and attachments = $7::jsonb
from visit where id = $1
"""


async def add(uow: UnitOfWork, visit: Visit) -> bool:
    """Record a visit with its event; False where this very visit is recorded already.

    Raises VisitExists when another one stands under its id.
    """
    attachments = json.dumps(visit.attachments)
    told = (visit.household_id, visit.visitor_sub, visit.visited_on, visit.purpose, visit.findings, attachments)
    written = await uow.driver.fetchval(
        _INSERT, visit.id, visit.household_id, visit.division, visit.visitor_sub, visit.visited_on,
        visit.recorded_on, visit.purpose, visit.findings, attachments,
    )  # fmt: skip
    if written is None:
        if not await uow.driver.fetchval(_SAME, visit.id, *told):
            raise errors.VisitExists
        return False
    uow.raise_events([visit_recorded(visit)])
    return True

"""Incidents in the database; what each touches are signals (storage/signals.py)."""

from chassis.unit_of_work import UnitOfWork
from services.monitoring.domain.incident import Incident, incident_reported

_INSERT = """
insert into incident (id, kind, division, place, occurred_on, recorded_on, recorded_by)
values ($1, $2, $3, $4, $5, $6, $7)
"""


async def add(uow: UnitOfWork, incident: Incident) -> None:
    """Record an incident, with its event."""
    await uow.driver.execute(
        _INSERT,
        incident.id,
        incident.kind,
        incident.division,
        incident.place,
        incident.occurred_on,
        incident.recorded_on,
        uow.person,
    )
    uow.raise_events([incident_reported(incident)])

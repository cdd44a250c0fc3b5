"""Tell the totals of ended days by division, for the municipal platform to reconcile with (events.md)."""

from collections.abc import Sequence
from datetime import date

from chassis.runtime import Runtime
from chassis.unit_of_work import UnitOfWork
from services.monitoring.storage import totals

JOB = "totals"


async def publish_totals(runtime: Runtime, uow: UnitOfWork, days: Sequence[date]) -> None:
    """One event for each day and division in which anything is counted, in the order of the days."""
    settings = runtime.settings
    for counted in await totals.count(uow.driver, days, settings.topic_prefix, demo=settings.demo):
        uow.raise_events(counted.published())
        await uow.flush()

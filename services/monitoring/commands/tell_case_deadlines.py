"""At the end of each day: which cases come near their limit, and which missed it (M-1.1.15, M-1.1.16)."""

from collections.abc import Sequence
from datetime import date

from chassis.runtime import Runtime
from chassis.unit_of_work import UnitOfWork
from services.monitoring.domain.case_deadlines import tell_deadlines
from services.monitoring.storage import cases

JOB = "case-deadlines"
_CHUNK = 500


async def tell_case_deadlines(_runtime: Runtime, uow: UnitOfWork, days: Sequence[date]) -> None:
    """One event for each case and limit that became near or was missed, day by day, in order of household."""
    for day in days:
        while found := await cases.to_tell(uow, day, _CHUNK):
            for case in found:
                tell_deadlines(case, day)
                await cases.save(uow, case)
            await uow.flush()

"""Settle a row of a bureau's file that matched nobody or could not be used: somebody looked, and says why it may rest.

Rows that matched are settled by their rule (M-1.1.1).
"""

from datetime import date
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing
from services.monitoring.domain import errors
from services.monitoring.domain.codes import reason_code
from services.monitoring.storage import unsettled_rows


async def settle_row(uow: UnitOfWork, *, comparison_id: UUID, line: int, reason: str, on: date, within: str) -> None:
    """Raises Missing for a row that needs nobody, RowIsSettled and InvalidReason."""
    reason = reason_code("row-settlement-reasons", reason, on)
    if not await unsettled_rows.is_reported(uow.driver, comparison_id, line, within):
        raise Missing
    if not await unsettled_rows.settle(uow, comparison_id, line, reason, on):
        raise errors.RowIsSettled

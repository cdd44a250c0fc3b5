"""Risks that are recorded as gone, with reason and evidence; one standing resolution for each risk."""

import json
from collections.abc import Sequence
from datetime import date
from uuid import uuid4

import asyncpg

from chassis.unit_of_work import UnitOfWork
from services.monitoring.domain import errors
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId

_INSERT = """
insert into risk_resolution
    (id, household_id, division, risk, how, reason, resolved_on, recorded_on, recorded_by, attachments)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_STANDING = """
select household_id, risk from risk_resolution where household_id = any($1::uuid[]) and reopened_on is null
"""
_REOPEN = """
update risk_resolution set reopened_on = $3
where household_id = $1 and risk = any($2::text[]) and reopened_on is null
"""


async def add(
    uow: UnitOfWork,
    household: Household,
    *,
    risk: str,
    how: str,
    reason: str | None,
    resolved_on: date,
    attachments: Sequence[str],
    on: date,
) -> str:
    """Record that a risk is gone. Raises RiskIsResolved where it is recorded already."""
    resolution_id = str(uuid4())
    try:
        await uow.driver.execute(
            _INSERT, resolution_id, household.id, household.division, risk, how, reason, resolved_on, on, uow.person,
            json.dumps(list(attachments)),
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise errors.RiskIsResolved from error
    return resolution_id


async def standing(connection: asyncpg.Connection, ids: Sequence[HouseholdId]) -> dict[str, frozenset[str]]:
    """The risks that are gone, by household."""
    found: dict[str, set[str]] = {household_id: set() for household_id in ids}
    for row in await connection.fetch(_STANDING, list(ids)):
        found[str(row["household_id"])].add(row["risk"])
    return {household_id: frozenset(risks) for household_id, risks in found.items()}


async def reopen(uow: UnitOfWork, household_id: HouseholdId, on: date, risks: Sequence[str]) -> None:
    """These risks have come back: what was recorded of them no longer stands."""
    await uow.driver.execute(_REOPEN, household_id, list(risks), on)

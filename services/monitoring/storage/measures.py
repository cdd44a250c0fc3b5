"""Measures in the database: the whole measure as one document, with the columns by which it is found."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
from pydantic import TypeAdapter

from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing, Stale
from contracts.events.envelope import State
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.measures import Measure, MeasureStanding

_DOCUMENT = TypeAdapter(Measure)
_COLUMNS = (
    "id, household_id, division, category, kind, provider, standing, planned_on, started_on, ended_on, document, "
    "version"
)
_TYPES = (
    "id uuid, household_id uuid, division text, category text, kind text, provider text, standing text, "
    "planned_on date, started_on date, ended_on date, document jsonb, version bigint"
)
_SET = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[1:])
_SAVE = f"""
insert into measure ({_COLUMNS}) select new.* from jsonb_to_recordset($1::jsonb) as new ({_TYPES})
on conflict (id) do update set {_SET}
"""
_ONE = "select document from measure where id = $1 and division like $2 || '%' for update"
_OF = "select document from measure where household_id = $1 order by planned_on, id"
_LOCK_OF = "select document from measure where household_id = $1 order by id for update"
_NEXT = "select document from measure where id > $1::uuid and division like $2 || '%' order by id limit $3 for update"
_PLAN = """
insert into measure_plan (id, household_id, division, approved_on, decision) values ($1, $2, $3, $4, $5)
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"
_SCALARS = ("id", "household_id", "division", "category", "kind", "provider", "standing", "planned_on", "started_on",
            "ended_on", "version")  # fmt: skip


async def load(uow: UnitOfWork, measure_id: str, *, within: str, expected_version: int | None = None) -> Measure:
    """One measure, locked. Raises Missing outside of the division, and Stale at another version than expected."""
    row = await uow.driver.fetchrow(_ONE, measure_id, within)
    if row is None:
        raise Missing
    found = _measure(row)
    if expected_version is not None and found.version != expected_version:
        raise Stale
    return found


async def of_household(connection: asyncpg.Connection, household_id: HouseholdId) -> list[Measure]:
    """All measures of a household, in the order in which they were planned."""
    return [_measure(row) for row in await connection.fetch(_OF, household_id)]


async def save(uow: UnitOfWork, changed: Sequence[Measure]) -> None:
    """Write new and changed measures, with their events and states."""
    rows = []
    for measure in changed:
        document: dict[str, Any] = _DOCUMENT.dump_python(measure, mode="json", exclude={"events"})
        rows.append({**{name: document[name] for name in _SCALARS}, "document": document})
    await uow.driver.execute(_SAVE, json.dumps(rows))
    for measure in changed:
        uow.raise_events(measure.events)
        measure.events = []
    uow.publish_state(measure.state() for measure in changed)


async def add_plan(uow: UnitOfWork, household: Household, decision: dict[str, Any], on: date) -> str:
    """Keep an approved plan, frozen with its findings."""
    plan_id = str(uuid4())
    await uow.driver.execute(_PLAN, plan_id, household.id, household.division, on, json.dumps(decision))
    return plan_id


async def carry_over(uow: UnitOfWork, household_id: HouseholdId, *, on: date) -> None:
    """What runs when a risk is eliminated goes on to its own end, and says so (M-1.1.29)."""
    running = [one for one in await _locked(uow, household_id) if one.running]
    for measure in running:
        measure.carry_over(on)
    if running:
        await save(uow, running)


async def follow(uow: UnitOfWork, origin: Household, heir: Household) -> None:
    """Measures of members who went on in another household follow them; a merged household's own ones as well."""
    passed = {
        member.id: member.passed_to.member_id
        for member in origin.members
        if member.passed_to is not None and member.passed_to.household_id == heir.id
    }
    moved = []
    for measure in await _locked(uow, origin.id):
        if _over(measure) or (measure.member_id not in passed and origin.ended is None):
            continue
        follower = passed.get(measure.member_id) if measure.member_id is not None else None
        measure.pass_to(heir.id, heir.division, follower)
        moved.append(measure)
    if moved:
        await save(uow, moved)


async def end_with(uow: UnitOfWork, household: Household, member_id: MemberId | None, on: date) -> None:
    """A member died (or, without one, the household is no more): what was meant for them ends that day."""
    ended = [
        one
        for one in await _locked(uow, household.id)
        if not _over(one) and (member_id is None or one.member_id == member_id)
    ]
    for measure in ended:
        measure.end_with_person(on)
    if ended:
        await save(uow, ended)


async def _locked(uow: UnitOfWork, household_id: HouseholdId) -> list[Measure]:
    return [_measure(row) for row in await uow.driver.fetch(_LOCK_OF, household_id)]


def _over(measure: Measure) -> bool:
    return measure.standing in (MeasureStanding.COMPLETED, MeasureStanding.STOPPED)


def _measure(row: asyncpg.Record) -> Measure:
    return _DOCUMENT.validate_python(row["document"])


class MeasureStates:
    """The state of measures, for republishing (chassis.rebuilding.StateSource)."""

    kind = "measure"

    async def chunk(self, uow: UnitOfWork, after: str, limit: int, division: str) -> Sequence[State]:
        rows = await uow.driver.fetch(_NEXT, after or _FIRST_ID, division, limit)
        return [_measure(row).state() for row in rows]

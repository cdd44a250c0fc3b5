"""Liaison relations in the database. The household's row is locked by whoever changes its relations.

Relations pass on with a household's life: a household founded by a split keeps its origin's officers, and those of a
household that ended end with it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import uuid4

import asyncpg

from chassis.unit_of_work import UnitOfWork
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId, LiaisonId
from services.monitoring.domain.liaison import Liaison, Relation, closed, liaison_assigned

_COLUMNS = "id, household_id, relation, officer_sub, from_on, until_on"
_OF_HOUSEHOLD = f"select {_COLUMNS} from liaison where household_id = $1 order by from_on, relation, officer_sub"
_IS_ASSIGNED = """
select exists (select from liaison
    where officer_sub = $1 and household_id = $2 and relation = 'liaison-cadre'
      and from_on <= $3 and (until_on is null or $3 < until_on))
"""
_INSERT = """
insert into liaison (id, household_id, relation, officer_sub, from_on, until_on, recorded_by)
values ($1, $2, $3, $4, $5, $6, $7)
"""
_END = "update liaison set until_on = $2, changes = changes + 1 where id = $1"
_VERSION = "select coalesce(sum(changes), 0)::bigint from liaison where household_id = $1"
_LOCK_VILLAGE = """
select id from household where division = $1 and ended_on is null and registered_on <= $2 order by id for update
"""
# One officer for every household of a village; those who have him or her in this relation already keep it as it is.
_ASSIGN_VILLAGE = f"""
insert into liaison (id, household_id, relation, officer_sub, from_on, recorded_by)
select gen_random_uuid(), household_id, $2::text, $3::text, $4, $5 from unnest($1::uuid[]) as village (household_id)
where not exists (select from liaison as known
    where known.household_id = village.household_id and known.relation = $2::text and known.officer_sub = $3::text
      and (known.until_on is null or known.until_on > $4))
order by household_id
returning {_COLUMNS}
"""
_END_OTHERS = f"""
update liaison set until_on = greatest($4, from_on), changes = changes + 1
where household_id = any($1::uuid[]) and relation = $2 and officer_sub <> $3
  and (until_on is null or until_on > $4)
returning {_COLUMNS}
"""


async def is_assigned(connection: asyncpg.Connection, person: str, household_id: str, day: date) -> bool:
    """Whether a person (`sub`) was the household's liaison cadre on a day (M-1.1.6)."""
    return bool(await connection.fetchval(_IS_ASSIGNED, person, household_id, day))


async def of_household(connection: asyncpg.Connection, household_id: HouseholdId) -> list[Liaison]:
    """Every relation of a household, those over included, in order of their first day."""
    return [_liaison(row) for row in await connection.fetch(_OF_HOUSEHOLD, household_id)]


async def version_of(connection: asyncpg.Connection, household_id: HouseholdId) -> int:
    """How often the relations of a household changed: 0 while there never was one."""
    return int(await connection.fetchval(_VERSION, household_id))


async def add(uow: UnitOfWork, relations: Sequence[Liaison], division: str) -> None:
    """Write new relations of households in one village, with their events."""
    await uow.driver.executemany(
        _INSERT,
        [(r.id, r.household_id, r.relation, r.officer_sub, r.from_on, r.until_on, uow.person) for r in relations],
    )
    uow.raise_events(liaison_assigned(relation, division) for relation in relations)


async def end(uow: UnitOfWork, relations: Sequence[Liaison], division: str) -> None:
    """Write the ends of relations, with their events."""
    await uow.driver.executemany(_END, [(relation.id, relation.until_on) for relation in relations])
    uow.raise_events(liaison_assigned(relation, division) for relation in relations)


async def end_with(uow: UnitOfWork, household: Household, on: date) -> None:
    """The household has ended: so do its relations."""
    running = await _running(uow.driver, household.id, on)
    await end(uow, [closed(relation, on) for relation in running], household.division)


async def pass_on(uow: UnitOfWork, origin: Household, new: Household, on: date) -> None:
    """A household founded by a split keeps the officers of its origin, from the day of the split."""
    passed = [
        replace(relation, id=LiaisonId(str(uuid4())), household_id=new.id, from_on=max(on, relation.from_on))
        for relation in await _running(uow.driver, origin.id, on)
    ]
    await add(uow, passed, new.division)


async def assign_village(
    uow: UnitOfWork, *, village: str, relation: Relation, officer_sub: str, from_on: date, others_end: bool
) -> tuple[int, int]:
    """One officer for every household of a village, set-based; returns how many relations began and how many ended."""
    households = [row["id"] for row in await uow.driver.fetch(_LOCK_VILLAGE, village, from_on)]
    ended = await uow.driver.fetch(_END_OTHERS, households, relation, officer_sub, from_on) if others_end else []
    begun = await uow.driver.fetch(_ASSIGN_VILLAGE, households, relation, officer_sub, from_on, uow.person)
    uow.raise_events(liaison_assigned(_liaison(row), village) for row in (*ended, *begun))
    return len(begun), len(ended)


async def _running(connection: asyncpg.Connection, household_id: HouseholdId, on: date) -> list[Liaison]:
    """Relations that hold on the day or begin after it."""
    known = await of_household(connection, household_id)
    return [relation for relation in known if relation.until_on is None or on < relation.until_on]


def _liaison(row: asyncpg.Record) -> Liaison:
    return Liaison(
        id=LiaisonId(str(row["id"])),
        household_id=HouseholdId(str(row["household_id"])),
        relation=Relation(row["relation"]),
        officer_sub=row["officer_sub"],
        from_on=row["from_on"],
        until_on=row["until_on"],
    )

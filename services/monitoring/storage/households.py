"""Households in the database: one statement writes any number of them with their members.

Saving an aggregate hands its events and its state to the unit of work, so nobody can change one and forget to say so.
Nothing is lost by saving: what stood before is kept with the day until which it held (M-1.1.4).
"""

import json
from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from chassis.audit import Read
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing, Stale
from contracts.events.envelope import State
from contracts.month import policy_day
from services.monitoring.domain import errors
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_state import household_state
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.storage.household_rows import household_of, household_row, member_rows

_HOUSEHOLD_COLUMNS = (
    "id, division, national_no, household_type, resettlement_site, monitored_class, registered_on, ended_on, "
    "ended_how, risks, guarantees, history, monitored, successors, taken_over, version"
)
_HOUSEHOLD_TYPES = (
    "id uuid, division text, national_no text, household_type text, resettlement_site text, monitored_class text, "
    "registered_on date, ended_on date, ended_how text, risks jsonb, guarantees jsonb, history jsonb, "
    "monitored jsonb, successors jsonb, taken_over jsonb, version bigint"
)
_MEMBER_COLUMNS = (
    "id, household_id, place, name, resident_id, person_key, relation, sex, born_on, ethnicity, education, schooling, "
    "health, labour, phone, joined_on, left_on, left_reason, passed_to"
)
_MEMBER_TYPES = (
    "id uuid, household_id uuid, place int, name text, resident_id text, person_key text, relation text, sex text, "
    "born_on date, ethnicity text, education text, schooling text, health text, labour text, phone text, "
    "joined_on date, left_on date, left_reason text, passed_to jsonb"
)


def insert_ctes(first: int, source: str = "") -> str:
    """Households and members as CTEs, from two JSON parameters `$first` and `$first+1` (see `insert_parameters`).

    `source` is put before the record sets (`go,` in a one-statement command).
    """
    return f"""
new_households as (
    insert into household ({_HOUSEHOLD_COLUMNS})
    select new.* from {source} jsonb_to_recordset(${first}::jsonb) as new ({_HOUSEHOLD_TYPES})
),
new_members as (
    insert into member ({_MEMBER_COLUMNS})
    select new.* from {source} jsonb_to_recordset(${first + 1}::jsonb) as new ({_MEMBER_TYPES})
)"""


def insert_parameters(households: Sequence[Household]) -> tuple[str, str]:
    members = [row for household in households for row in member_rows(household)]
    return json.dumps([household_row(household) for household in households]), json.dumps(members)


_INSERT = f"with {insert_ctes(1)} select 1"
_SET = ", ".join(f"{name} = new.{name}" for name in _HOUSEHOLD_COLUMNS.split(", ")[1:])
_SET_MEMBER = ", ".join(f"{name} = excluded.{name}" for name in _MEMBER_COLUMNS.split(", ")[1:])
# All parts of one statement see the rows as they stood before it.
_UPDATE = f"""
with kept as (
    insert into household_past (household_id, version, household, members, until_on, replaced_by)
    select former.id, former.version, to_jsonb(former),
           (select coalesce(jsonb_agg(to_jsonb(member) order by place), '[]') from member
            where household_id = former.id),
           $3, $4
    from household as former join jsonb_to_recordset($1::jsonb) as new (id uuid, version bigint) using (id)
    where former.version < new.version
),
changed as (
    update household set {_SET}, changed_at = now()
    from jsonb_to_recordset($1::jsonb) as new ({_HOUSEHOLD_TYPES}) where household.id = new.id
),
written as (
    insert into member ({_MEMBER_COLUMNS})
    select new.* from jsonb_to_recordset($2::jsonb) as new ({_MEMBER_TYPES})
    on conflict (id) do update set {_SET_MEMBER}
)
select 1
"""
_LOCK = f"select {_HOUSEHOLD_COLUMNS} from household where id = any($1::uuid[]) order by id for update"
_READ = f"select {_HOUSEHOLD_COLUMNS} from household where id = $1 and division like $2 || '%'"
_READ_MANY = f"select {_HOUSEHOLD_COLUMNS} from household where id = any($1::uuid[]) order by id"
_LOCK_NEXT = f"""
select {_HOUSEHOLD_COLUMNS} from household
where id > $1::uuid and division like $2 || '%' order by id limit $3 for update
"""
_NEXT_WITH_SEQUENCE = f"""
select {_HOUSEHOLD_COLUMNS}, coalesce(sequence, 0) as public_sequence
from household left join chassis.streams on key = 'household/' || id
where id > $1::uuid and division like $2 || '%' order by id limit $3
"""
# The audit row is written by the same statement, before data leave.
_NEXT_CHANGED = f"""
with found as (
    select {_HOUSEHOLD_COLUMNS} from household
    where id > $1::uuid and division like $2 || '%' and ended_on is null
      and ($4::timestamptz is null or changed_at >= $4 or exists (
          select from income_entry where household_id = household.id and recorded_at >= $4))
    order by id limit $3
), audited as (
    insert into chassis.audit (person, client, purpose, unmasked, route, search, result_ids, correlation_id)
    select $5, $6, $7, true, $8, 'export', array_agg(id::text), $9 from found having count(*) > 0
)
select * from found order by id
"""
_MEMBERS = f"""
select {_MEMBER_COLUMNS} from member where household_id = any($1::uuid[]) order by household_id, place
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


async def add(uow: UnitOfWork, households: Sequence[Household]) -> None:
    """Insert new households, with their events and state. Raises NationalNoTaken."""
    try:
        await uow.driver.execute(_INSERT, *insert_parameters(households))
    except asyncpg.UniqueViolationError as error:
        raise refusal_of(error) from error
    _tell(uow, households)


async def save(uow: UnitOfWork, households: Sequence[Household], *, on: date | None = None) -> None:
    """Write changed households that were loaded (and so locked) in this unit of work. Raises NationalNoTaken.

    `on` is the day from which the change holds (None: today); what stood before is kept as holding until then.
    """
    day = on or policy_day(uow.business_now)
    try:
        await uow.driver.execute(_UPDATE, *insert_parameters(households), day, uow.person)
    except asyncpg.UniqueViolationError as error:
        raise refusal_of(error) from error
    _tell(uow, households)


def refusal_of(error: asyncpg.UniqueViolationError) -> Exception:
    """NationalNoTaken where the database found a national number twice; any other violation as it is."""
    return errors.NationalNoTaken() if "national_no" in (error.constraint_name or "") else error


def _tell(uow: UnitOfWork, households: Sequence[Household]) -> None:
    for household in households:
        uow.raise_events(household.events)
        household.events = []
    uow.publish_state(household_state(household) for household in households)


async def load(
    uow: UnitOfWork, household_id: HouseholdId, *, within: str, expected_version: int | None = None
) -> Household:
    """One household, locked. Raises Missing outside of the division, and Stale at another version than expected."""
    found = await load_many(uow, [household_id])
    if not found or not found[0].division.startswith(within):
        raise Missing
    if expected_version is not None and found[0].version != expected_version:
        raise Stale
    return found[0]


async def read(connection: asyncpg.Connection, household_id: HouseholdId, *, within: str) -> Household | None:
    """One household of a division as it stands, without a lock: for reads that need its rules."""
    rows = await connection.fetch(_READ, household_id, within)
    found = await _with_members(connection, rows)
    return found[0] if found else None


async def load_both(
    uow: UnitOfWork, first: tuple[HouseholdId, int], second: tuple[HouseholdId, int], *, within: str
) -> tuple[Household, Household]:
    """Two different households at their expected versions, locked in ascending order of id whichever comes first.

    Raises Missing when one of them is not in the division, and Stale when one has another version.
    """
    expected = dict([first, second])
    found = {household.id: household for household in await load_many(uow, list(expected))}
    if len(found) != 2 or not all(household.division.startswith(within) for household in found.values()):
        raise Missing
    if any(household.version != expected[household.id] for household in found.values()):
        raise Stale
    return found[first[0]], found[second[0]]


async def load_many(uow: UnitOfWork, ids: Sequence[HouseholdId]) -> list[Household]:
    """Households in ascending order of id, locked in that order; ids that do not exist are left out."""
    return await _with_members(uow.driver, await uow.driver.fetch(_LOCK, list(ids)))


async def read_many(connection: asyncpg.Connection, ids: Sequence[HouseholdId]) -> list[Household]:
    """Households as they stand in ascending order of id, without a lock: for reports that change nothing."""
    return await _with_members(connection, await connection.fetch(_READ_MANY, list(ids)))


async def _with_members(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> list[Household]:
    members: dict[str, list[asyncpg.Record]] = {str(row["id"]): [] for row in rows}
    for member in await connection.fetch(_MEMBERS, [row["id"] for row in rows]):
        members[str(member["household_id"])].append(member)
    return [household_of(row, members[str(row["id"])]) for row in rows]


async def states_after(
    connection: asyncpg.Connection, after: str, limit: int, division: str
) -> list[tuple[State, int]]:
    """The next states by id, each with the number of its newest public event; read together, so that they match."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        rows = await connection.fetch(_NEXT_WITH_SEQUENCE, after or _FIRST_ID, division, limit)
        households = await _with_members(connection, rows)
    return [
        (household_state(household), row["public_sequence"]) for household, row in zip(households, rows, strict=True)
    ]


async def next_changed(
    connection: asyncpg.Connection, after: str, limit: int, *, within: str, since: datetime | None, read: Read
) -> list[Household]:
    """The next households by id that changed since an instant (None: all), read unmasked and audited as `read`."""
    rows = await connection.fetch(
        _NEXT_CHANGED,
        after or _FIRST_ID,
        within,
        limit,
        since,
        read.person,
        read.client,
        read.purpose,
        read.route,
        read.correlation_id,
    )
    return await _with_members(connection, rows)


class HouseholdStates:
    """The state of households, for republishing (chassis.rebuilding.StateSource)."""

    kind = "household"

    async def chunk(self, uow: UnitOfWork, after: str, limit: int, division: str) -> Sequence[State]:
        rows = await uow.driver.fetch(_LOCK_NEXT, after or _FIRST_ID, division, limit)
        return [household_state(household) for household in await _with_members(uow.driver, rows)]

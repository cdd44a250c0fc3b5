"""Cases in the database: the whole case as one document, with the columns by which it is found and waits."""

import json
from collections.abc import Sequence
from datetime import date

import asyncpg
from pydantic import TypeAdapter

from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing, Stale
from contracts.events.envelope import State
from services.monitoring.domain import errors
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_deadlines import look_on
from services.monitoring.domain.ids import HouseholdId

_DOCUMENT = TypeAdapter(Case)
_COLUMNS = (
    "id, household_id, division, procedure, standing, step, stands_still, opened_on, closed_on, due_on, look_on, "
    "publicity_id, document, version"
)
_SET = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[1:])
_SAVE = f"""
insert into case_file ({_COLUMNS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (id) do update set {_SET}
"""
_ONE = "select document, version from case_file where id = $1 and division like $2 || '%' for update"
_READ = "select document, version from case_file where id = $1 and division like $2 || '%'"
_BY_PUBLICITY = "select id from case_file where publicity_id = $1"
_OPEN_OF = (
    "select document from case_file where household_id = any($1::uuid[]) and standing = 'open' order by id for update"
)
_TO_TELL = """
select document from case_file where standing = 'open' and look_on <= $1 order by household_id for update limit $2
"""
_NEXT = """
select document from case_file where id > $1::uuid and division like $2 || '%' order by id limit $3 for update
"""
_OBJECT = """
insert into objection (id, case_id, division, content, name, phone, filed_by, filed_on)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


async def load(uow: UnitOfWork, case_id: str, *, within: str, expected_version: int | None = None) -> Case:
    """One case, locked. Raises Missing outside of the division, and Stale at another version than expected."""
    row = await uow.driver.fetchrow(_ONE, case_id, within)
    if row is None:
        raise Missing
    if expected_version is not None and row["version"] != expected_version:
        raise Stale
    return _case(row)


async def read(connection: asyncpg.Connection, case_id: str, *, within: str) -> Case:
    """One case as it stands, without a lock. Raises Missing."""
    row = await connection.fetchrow(_READ, case_id, within)
    if row is None:
        raise Missing
    return _case(row)


async def of_publicity(connection: asyncpg.Connection, publicity_id: str) -> Case | None:
    """The case of which this is the newest publicity, without a lock."""
    found = await connection.fetchval(_BY_PUBLICITY, publicity_id)
    return None if found is None else await read(connection, found, within="")


async def open_of(uow: UnitOfWork, households: Sequence[HouseholdId]) -> list[Case]:
    """The open cases of these households, locked."""
    return [_case(row) for row in await uow.driver.fetch(_OPEN_OF, list(households))]


async def to_tell(uow: UnitOfWork, ended: date, limit: int) -> list[Case]:
    """Open cases of which something is to be told at the end of a day, locked, in ascending order of household."""
    return [_case(row) for row in await uow.driver.fetch(_TO_TELL, ended, limit)]


async def save(uow: UnitOfWork, case: Case) -> None:
    """Write a case with its events and its state. Raises CaseIsOpen where its household has another open one."""
    document = _DOCUMENT.dump_python(case, mode="json", exclude={"events"})
    publicity = case.publicity
    try:
        await uow.driver.execute(
            _SAVE, case.id, case.household_id, case.division, case.procedure, case.standing.value, case.course.step,
            case.course.stands_still, case.course.opened_on, case.course.closed_on, case.due_on(case.course.opened_on),
            look_on(case), publicity.id if publicity else None, json.dumps(document), case.version,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "case_file_one_open":
            raise errors.CaseIsOpen from error
        raise
    uow.raise_events(case.events)
    case.events = []
    uow.publish_state([case.state()])


async def add_objection(
    uow: UnitOfWork, case: Case, *, objection_id: str, content: str, name: str | None, phone: str | None, on: date
) -> None:
    """Keep who objected and with what words, apart from the case."""
    await uow.driver.execute(_OBJECT, objection_id, case.id, case.division, content, name, phone, uow.person, on)


def _case(row: asyncpg.Record) -> Case:
    return _DOCUMENT.validate_python(row["document"])


class CaseStates:
    """The state of cases, for republishing (chassis.rebuilding.StateSource)."""

    kind = "case"

    async def chunk(self, uow: UnitOfWork, after: str, limit: int, division: str) -> Sequence[State]:
        rows = await uow.driver.fetch(_NEXT, after or _FIRST_ID, division, limit)
        return [_case(row).state() for row in rows]

"""Differences between national files and the registry: found, settled once, and gone when they no longer hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from chassis.unit_of_work import UnitOfWork
from services.monitoring.domain import errors
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.national_differences import Difference, DifferenceKind

_NEW = """
jsonb_to_recordset($1::jsonb) as new (
    id uuid, line bigint, household_id uuid, member_id uuid, division text, field text, heading text, kind text,
    recorded text, in_file text, year int)
"""
_GONE = f"""
update import_difference as known set state = 'gone', settled_on = $3
where state = 'open' and household_id = any($2::uuid[]) and not exists (
    select from {_NEW}
    where new.household_id = known.household_id and new.member_id is not distinct from known.member_id
      and new.field = known.field and new.year is not distinct from known.year and new.kind = known.kind
      and new.in_file is not distinct from known.in_file)
"""
_ADD = f"""
insert into import_difference (id, operation_id, line, household_id, member_id, division, field, heading, kind,
                               recorded, in_file, year, found_on, state)
select id, $2, line, household_id, member_id, division, field, heading, kind, recorded, in_file, year, $3, 'open'
from {_NEW} on conflict do nothing
"""
_MASKED = """
case field when 'name' then chassis.mask_name({0}) when 'phone' then chassis.mask_phone({0})
           when 'resident_id' then chassis.mask_id({0}) when 'born_on' then left({0}, 4) else {0} end
"""
_PAGE = f"""
select id::text, operation_id::text, line, household_id::text, member_id::text, division, heading as "column", kind,
       {_MASKED.format("recorded")} as recorded, {_MASKED.format("in_file")} as in_file, year, found_on::text, state,
       reason, settled_on::text
from import_difference
where division like $1 || '%' and id > $2 and ($4::text is null or state = $4)
  and ($5::uuid is null or household_id = $5)
order by id limit $3
"""
_ONE = "select * from import_difference where id = $1 and division like $2 || '%' for update"
_SETTLE = """
update import_difference set state = $2, reason = $3, settled_on = $4, settled_by = $5 where id = $1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A difference that waits to be settled, and of which household it is."""

    id: UUID
    household_id: HouseholdId
    difference: Difference


async def replace_open(
    uow: UnitOfWork,
    operation_id: UUID,
    found: Mapping[tuple[HouseholdId, str], Sequence[Difference]],
    on: date,
) -> int:
    """Write what a file says otherwise of these households (id and division); answers how many are new.

    Open ones that no longer hold are gone.
    """
    rows = [
        {
            "id": str(uuid4()),
            "line": one.line,
            "household_id": household_id,
            "member_id": one.member_id,
            "division": division,
            "field": one.field,
            "heading": one.heading,
            "kind": one.kind.value,
            "recorded": one.recorded,
            "in_file": one.in_file,
            "year": one.year,
        }
        for (household_id, division), differences in found.items()
        for one in differences
    ]
    document = json.dumps(rows)
    await uow.driver.execute(_GONE, document, [household_id for household_id, _ in found], on)
    added: str = await uow.driver.execute(_ADD, document, operation_id, on)
    return int(added.rsplit(" ", 1)[-1])


async def page(
    connection: asyncpg.Connection, division: str, after: str, limit: int, state: str | None, household: UUID | None
) -> list[dict[str, Any]]:
    """Differences in order of id, values masked as the registry masks them."""
    return [dict(row) for row in await connection.fetch(_PAGE, division, after, limit, state, household)]


async def load_open(uow: UnitOfWork, difference_id: UUID, within: str) -> Found | None:
    """One difference, locked; None outside of the division. Raises DifferenceIsSettled."""
    row = await uow.driver.fetchrow(_ONE, difference_id, within)
    if row is None:
        return None
    if row["state"] != "open":
        raise errors.DifferenceIsSettled
    difference = Difference(
        kind=DifferenceKind(row["kind"]),
        line=row["line"],
        field=row["field"],
        member_id=MemberId(str(row["member_id"])) if row["member_id"] else None,
        recorded=row["recorded"],
        in_file=row["in_file"],
        year=row["year"],
    )
    return Found(row["id"], HouseholdId(str(row["household_id"])), difference)


async def settle(uow: UnitOfWork, difference_id: UUID, *, state: str, reason: str, on: date) -> None:
    await uow.driver.execute(_SETTLE, difference_id, state, reason, on, uow.person)

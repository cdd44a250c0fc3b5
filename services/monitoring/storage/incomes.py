"""Income entries in the database: standing ones unique by household or member, kind, period and source.

What a correction replaces is kept with the day of its replacement. The household's row is locked by whoever records
for it, so that two corrections come one after the other.
"""

import json
from collections.abc import Sequence
from uuid import uuid4

import asyncpg

from chassis.unit_of_work import UnitOfWork
from contracts.month import Month
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.income import IncomeEntry, IncomeKey, IncomeKind

_OF_HOUSEHOLDS = """
select household_id, member_id, kind, first_month, last_month, source, amount, recorded_on, replaced_on
from income_entry where household_id = any($1::uuid[]) and replaced_on is null
order by household_id, first_month, last_month, kind, source
"""
# Two statements: within one, the unique index would still see the entry that is being replaced.
_REPLACE = """
update income_entry as known set replaced_on = new.recorded_on
from jsonb_to_recordset($1::jsonb) as new
    (household_id uuid, member_id uuid, kind text, first_month text, last_month text, source text, recorded_on date)
where known.replaced_on is null and known.household_id = new.household_id
  and known.member_id is not distinct from new.member_id and known.kind = new.kind
  and known.first_month = new.first_month and known.last_month = new.last_month and known.source = new.source
"""
_INSERT = """
insert into income_entry
    (id, household_id, member_id, division, kind, first_month, last_month, source, amount, recorded_on, recorded_by)
select id, household_id, member_id, division, kind, first_month, last_month, source, amount, recorded_on, $2
from jsonb_to_recordset($1::jsonb) as new
    (id uuid, household_id uuid, member_id uuid, division text, kind text, first_month text, last_month text,
     source text, amount numeric, recorded_on date)
"""


async def standing(connection: asyncpg.Connection, household_ids: Sequence[HouseholdId]) -> list[IncomeEntry]:
    """What is known now of these households and their members."""
    return [_entry(row) for row in await connection.fetch(_OF_HOUSEHOLDS, list(household_ids))]


async def add(uow: UnitOfWork, entries: Sequence[tuple[IncomeEntry, str]]) -> list[str]:
    """Write entries, each with the division of its household; standing ones of the same keys become replaced.

    Returns the new ids, in order. The households are locked in this unit of work.
    """
    rows = [_row(entry, division) for entry, division in entries]
    document = json.dumps(rows)
    await uow.driver.execute(_REPLACE, document)
    await uow.driver.execute(_INSERT, document, uow.person)
    return [str(row["id"]) for row in rows]


def _row(entry: IncomeEntry, division: str) -> dict[str, str | None]:
    key = entry.key
    return {
        "id": str(uuid4()),
        "household_id": key.household_id,
        "member_id": key.member_id,
        "division": division,
        "kind": key.kind.value,
        "first_month": str(key.first),
        "last_month": str(key.last),
        "source": key.source,
        "amount": str(entry.amount),
        "recorded_on": str(entry.recorded_on),
    }


def _entry(row: asyncpg.Record) -> IncomeEntry:
    return IncomeEntry(
        key=IncomeKey(
            household_id=HouseholdId(str(row["household_id"])),
            member_id=MemberId(str(row["member_id"])) if row["member_id"] else None,
            kind=IncomeKind(row["kind"]),
            first=Month.parse(row["first_month"]),
            last=Month.parse(row["last_month"]),
            source=row["source"],
        ),
        amount=row["amount"],
        recorded_on=row["recorded_on"],
        replaced_on=row["replaced_on"],
    )

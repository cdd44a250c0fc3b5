"""Dated parameters in the database: seeded once, corrected by a new record, never overwritten.

The book is kept in memory and read again when its version moved, so a decision costs one tiny query for it.
"""

import json
from collections.abc import Iterable
from datetime import date

import asyncpg

from contracts.parameters import ParameterBook, ParameterValue

_COLUMNS = "key, value, unit, valid_from, valid_to, division, source, clause, sample, falls_back, recorded_at"
_INSERT = """
insert into chassis.parameters
    (key, value, unit, valid_from, valid_to, division, source, clause, sample, falls_back, recorded_by)
values ($1, $2::jsonb, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


def _value(row: asyncpg.Record) -> ParameterValue:
    return ParameterValue(**dict(row))


class ParameterStore:
    """The present book of one database."""

    def __init__(self) -> None:
        self._book: ParameterBook | None = None

    async def book(self, connection: asyncpg.Connection) -> ParameterBook:
        """All values known now, as this connection sees them."""
        version = await connection.fetchval("select version from chassis.parameters_version")
        if self._book is None or self._book.version != version:
            rows = await connection.fetch(
                f"select {_COLUMNS} from chassis.parameters where superseded_at is null order by id"
            )
            self._book = ParameterBook(map(_value, rows), version)
        return self._book


async def record(connection: asyncpg.Connection, value: ParameterValue, recorded_by: str) -> bool:
    """Load or correct one value; the one with the same key, division and first day is superseded and kept.

    Returns whether an earlier value was superseded, for then decisions that used it must be listed.
    """
    superseded = await connection.execute(
        "update chassis.parameters set superseded_at = now() "
        "where key = $1 and division = $2 and valid_from = $3 and superseded_at is null",
        value.key,
        value.division,
        value.valid_from,
    )
    await _insert(connection, value, recorded_by)
    await connection.execute("update chassis.parameters_version set version = version + 1")
    return bool(superseded != "UPDATE 0")


async def seed(connection: asyncpg.Connection, values: Iterable[ParameterValue]) -> int:
    """Load the values that came with the release and that this database has never held; returns how many."""
    known: set[tuple[str, str, date]] = {
        (row["key"], row["division"], row["valid_from"])
        for row in await connection.fetch("select distinct key, division, valid_from from chassis.parameters")
    }
    new = [value for value in values if (value.key, value.division, value.valid_from) not in known]
    for value in new:
        await _insert(connection, value, "release")
    if new:
        await connection.execute("update chassis.parameters_version set version = version + 1")
    return len(new)


async def _insert(connection: asyncpg.Connection, value: ParameterValue, recorded_by: str) -> None:
    await connection.execute(
        _INSERT,
        value.key,
        json.dumps(value.value),
        value.unit,
        value.valid_from,
        value.valid_to,
        value.division,
        value.source,
        value.clause,
        value.sample,
        value.falls_back,
        recorded_by,
    )

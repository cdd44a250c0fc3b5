"""The gateway's projections of monitoring's state: a batch in one statement, the newest version per id wins."""

import json
from collections.abc import Sequence

import asyncpg

from chassis.projection import StateMessage

_HOUSEHOLDS = """
insert into household_view as known (id, version, division, household_type, monitored_class, persons, ended)
select state.id, version, division,
       body -> 'household_types' -> -1 ->> 'value',
       case when body -> 'monitored' -> -1 ->> 'ended' is null and jsonb_array_length(body -> 'monitored') > 0
            then body -> 'monitored_classes' -> -1 ->> 'value' end,
       (select count(*) from jsonb_array_elements(body -> 'members') as member where member ->> 'left_on' is null),
       body ->> 'ended_on' is not null
from jsonb_to_recordset($1::jsonb) as state (id text, version bigint, division text, body jsonb)
on conflict (id) do update
    set version = excluded.version, division = excluded.division, household_type = excluded.household_type,
        monitored_class = excluded.monitored_class, persons = excluded.persons, ended = excluded.ended
    where known.version < excluded.version
"""
_FLAGS = """
insert into flag_view as known (id, version, division, household_id, rule, standing, opened_on)
select state.id, version, division, body ->> 'household_id', body ->> 'rule', body ->> 'state',
       (body ->> 'opened_on')::date
from jsonb_to_recordset($1::jsonb) as state (id text, version bigint, division text, body jsonb)
on conflict (id) do update
    set version = excluded.version, division = excluded.division, household_id = excluded.household_id,
        rule = excluded.rule, standing = excluded.standing, opened_on = excluded.opened_on
    where known.version < excluded.version
"""


class View:
    """One kind of monitoring's state as one table here."""

    source = "monitoring"

    def __init__(self, kind: str, table: str, upsert: str) -> None:
        self.kind = kind
        self.tables: tuple[str, ...] = (table,)
        self._upsert = upsert

    async def apply(self, connection: asyncpg.Connection, states: Sequence[StateMessage]) -> None:
        """Upsert a batch; an erased aggregate leaves the table."""
        erased = [state.id for state in states if state.body is None]
        rows = [
            {"id": state.id, "version": state.version, "division": state.division, "body": state.data}
            for state in states
            if state.body is not None
        ]
        await connection.execute(self._upsert, json.dumps(rows))
        if erased:
            await connection.execute(f"delete from {self.tables[0]} where id = any($1::text[])", erased)


HOUSEHOLDS = View("household", "household_view", _HOUSEHOLDS)
FLAGS = View("flag", "flag_view", _FLAGS)

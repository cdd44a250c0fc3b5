"""What the gateway keeps of monitoring's state: one row per household, flag and signal, and their totals by village.

A batch is one statement: it reads the bodies, upserts what is newer, and adds the difference between the rows before
and after to the totals, so an overview reads some hundred rows whatever the number of households. The consumer is
alone in writing (it leads under a lock), so the rows before are those that the upsert replaces.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from chassis.projection import StateMessage

_STATEMENT = """
with incoming as materialized (
    select message.id::uuid as id, message.version, message.division, message.body::jsonb as body
    from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as message (id, version, division, body)
), read as (
    select id, version, division, {expressions} from incoming where body is not null
), before as (
    select kept.* from {table} kept join incoming on incoming.id = kept.id
    where kept.version < incoming.version or (incoming.body is null and kept.version = incoming.version)
), erased as (
    delete from {table} kept using incoming
    where incoming.id = kept.id and incoming.body is null and kept.version <= incoming.version
), written as (
    insert into {table} as kept (id, version, division, {columns}) select * from read
    on conflict (id) do update
        set version = excluded.version, division = excluded.division, {assignments}
        where kept.version < excluded.version
    returning *
), changed as (
    select -1 as sign, before.* from before union all select 1, written.* from written
)
insert into {table}_total as total ({dimensions}, {measures})
select {dimension_expressions}, {sums} from changed where {counted}
group by {groups} having {some_change}
on conflict ({dimensions}) do update set {additions}
"""


@dataclass(slots=True, kw_only=True)
class Kept:
    """One kind of state as a table and its totals. The values are SQL: over `body`, or over the columns."""

    source: str
    kind: str
    columns: Mapping[str, str]
    dimensions: Mapping[str, str]
    measures: Mapping[str, str]
    counted: str = "true"
    tables: tuple[str, ...] = field(init=False)
    """Emptied when the projection is dropped to be rebuilt."""

    def __post_init__(self) -> None:
        self.tables = (self.kind, f"{self.kind}_total")

    @property
    def statement(self) -> str:
        return _STATEMENT.format(
            table=self.kind,
            columns=", ".join(self.columns),
            expressions=", ".join(f"{expression} as {name}" for name, expression in self.columns.items()),
            assignments=", ".join(f"{name} = excluded.{name}" for name in self.columns),
            dimensions=", ".join(self.dimensions),
            dimension_expressions=", ".join(self.dimensions.values()),
            groups=", ".join(str(place) for place in range(1, len(self.dimensions) + 1)),
            measures=", ".join(self.measures),
            sums=", ".join(f"sum(sign * {expression})" for expression in self.measures.values()),
            some_change=" or ".join(f"sum(sign * {expression}) <> 0" for expression in self.measures.values()),
            additions=", ".join(f"{name} = total.{name} + excluded.{name}" for name in self.measures),
            counted=self.counted,
        )

    async def apply(self, connection: asyncpg.Connection, states: Sequence[StateMessage]) -> None:
        """Upsert a batch (one newest message per id) in the open transaction."""
        await connection.execute(
            self.statement,
            [state.id for state in states],
            [state.version for state in states],
            [state.division for state in states],
            [state.body for state in states],
        )


# The newest span of a dated attribute is the last one. A class stays recorded after monitoring has ended, so whether
# it is monitored now is asked of the monitored spans.
HOUSEHOLDS = Kept(
    source="monitoring",
    kind="household",
    columns={
        "household_type": "body->'household_types'->-1->>'value'",
        "monitored_class": "case when jsonb_path_exists(body, '$.monitored[*] ? (@.ended == null)') "
        "then body->'monitored_classes'->-1->>'value' end",
        "persons": "jsonb_array_length(jsonb_path_query_array(body, '$.members[*] ? (@.left_on == null)'))",
        "registered_on": "(body->>'registered_on')::date",
        "ended_on": "(body->>'ended_on')::date",
        "ended_how": "body->>'ended_how'",
    },
    dimensions={
        "division": "division",
        "household_type": "household_type",
        "monitored_class": "coalesce(monitored_class, 'not-monitored')",
    },
    measures={"households": "1", "persons": "persons"},
    counted="ended_on is null",
)
FLAGS = Kept(
    source="monitoring",
    kind="flag",
    columns={
        "household_id": "(body->>'household_id')::uuid",
        "rule": "body->>'rule'",
        "period": "body->>'period'",
        "state": "body->>'state'",
        "round": "(body->>'round')::int",
        "opened_on": "(body->>'opened_on')::date",
        "closed_on": "(body->>'closed_on')::date",
    },
    dimensions={"division": "division", "rule": "rule", "state": "state"},
    measures={"flags": "1"},
)
SIGNALS = Kept(
    source="monitoring",
    kind="signal",
    columns={
        "household_id": "(body->>'household_id')::uuid",
        "source": "body->>'source'",
        "signal_kind": "body->>'signal_kind'",
        "recorded_on": "(body->>'recorded_on')::date",
        "flag_id": "(body->>'flag_id')::uuid",
    },
    dimensions={"division": "division", "source": "source", "month": "date_trunc('month', recorded_on)::date"},
    measures={"signals": "1"},
)
HANDLERS = (HOUSEHOLDS, FLAGS, SIGNALS)

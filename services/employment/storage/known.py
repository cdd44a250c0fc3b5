"""Employment's projection of monitoring's households: who lives where, and who may work.

Built from the state topic alone and only ever replaced by a newer version, so it can be dropped and built again at
will. A person who left stays here with the day, and with where the person went on as a member.
"""

from collections.abc import Sequence

import asyncpg

from chassis.projection import StateMessage

_HOUSEHOLDS = """
insert into known_household as known
    (id, version, division, household_type, monitored_class, kept, site, ended_on)
select id, version, division, body->'household_types'->-1->>'value',
       case when jsonb_path_exists(body, '$.monitored[*] ? (@.ended == null)')
            then body->'monitored_classes'->-1->>'value' end,
       coalesce((body->'monitored'->-1->>'kept')::boolean, false),
       body->'sites'->-1->>'value', (body->>'ended_on')::date
from (select id::uuid, version, division, body::jsonb
      from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as message (id, version, division, body)) as message
on conflict (id) do update
    set version = excluded.version, division = excluded.division, household_type = excluded.household_type,
        monitored_class = excluded.monitored_class, kept = excluded.kept, site = excluded.site,
        ended_on = excluded.ended_on
    where known.version < excluded.version
returning id::text
"""
# Members are never taken out of a household's state: whoever left has the day.
_MEMBERS = """
insert into known_member as known
    (id, household_id, person_key, sex, birth_month, labour, joined_on, left_on, successor_household_id,
     successor_member_id)
select member_id, message.id::uuid, person_key, sex, birth_month, labour, joined_on, left_on, successor_household_id,
       successor_member_id
from unnest($1::text[], $2::text[]) as message (id, body)
cross join lateral jsonb_to_recordset(body::jsonb->'members') as member (
    member_id uuid, person_key text, sex text, birth_month text, labour text, joined_on date, left_on date,
    successor_household_id uuid, successor_member_id uuid)
on conflict (id) do update
    set person_key = excluded.person_key, sex = excluded.sex, birth_month = excluded.birth_month,
        labour = excluded.labour, joined_on = excluded.joined_on, left_on = excluded.left_on,
        successor_household_id = excluded.successor_household_id, successor_member_id = excluded.successor_member_id
"""
_ERASE = """
delete from known_household as known using unnest($1::uuid[], $2::bigint[]) as erased (id, version)
where known.id = erased.id and known.version <= erased.version
"""


class KnownHouseholds:
    """Keeps the newest state of each household (chassis.projection.StateHandler)."""

    source = "monitoring"
    kind = "household"
    tables: tuple[str, ...] = ("known_member", "known_household")

    async def apply(self, connection: asyncpg.Connection, states: Sequence[StateMessage]) -> None:
        """Upsert a batch (one newest message per id) in the open transaction."""
        told = [state for state in states if state.body is not None]
        erased = [state for state in states if state.body is None]
        newer = await connection.fetch(
            _HOUSEHOLDS,
            [state.id for state in told],
            [state.version for state in told],
            [state.division for state in told],
            [state.body for state in told],
        )
        changed = {row["id"] for row in newer}
        bodies = [(state.id, state.body) for state in told if state.id in changed]
        await connection.execute(_MEMBERS, [one for one, _ in bodies], [body for _, body in bodies])
        if erased:
            await connection.execute(_ERASE, [state.id for state in erased], [state.version for state in erased])

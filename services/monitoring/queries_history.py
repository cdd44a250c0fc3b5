"""Reads of a household's past: its spans, the versions that were replaced, and the household as of a day (M-1.1.4).

Membership, division, type, class and site are dated by the day on which they hold. Other details are taken from the
version that held on the day: the newest one that no replacement had ended by then.
"""

from services.monitoring.queries import member_object

HISTORY = """
select json_build_object(
    'id', id, 'version', version, 'registered_on', registered_on, 'ended_on', ended_on, 'ended_how', ended_how,
    'history', history, 'monitored', monitored, 'successors', successors,
    'members', (select coalesce(json_agg(json_build_object(
                    'id', member.id, 'joined_on', joined_on, 'left_on', left_on, 'left_reason', left_reason,
                    'passed_to', passed_to) order by place), '[]')
                from member where household_id = household.id),
    'replaced_versions', (select coalesce(json_agg(json_build_object(
                    'version', past.version, 'until_on', until_on, 'replaced_at', replaced_at,
                    'replaced_by', replaced_by) order by past.version), '[]')
                from household_past as past where household_id = household.id))::text as body, version
from household where id = $1 and division like $2 || '%'
"""


def _on_day(spans: str) -> str:
    """The value of dated spans `[value, from, until]` on day $3."""
    return f"""(
        select span ->> 0 from jsonb_array_elements(this.history -> '{spans}') as span
        where (span ->> 1)::date <= $3 and (span ->> 2 is null or $3 < (span ->> 2)::date))"""


_DETAILS = (
    "id uuid, name text, resident_id text, relation text, sex text, born_on date, ethnicity text, education text, "
    "schooling text, health text, labour text, phone text"
)
_DETAIL_NAMES = ", ".join(column.split()[0] for column in _DETAILS.split(", "))
_MEMBER = member_object(
    name="chassis.mask_name(name)",
    resident_id="chassis.mask_id(resident_id)",
    phone="chassis.mask_phone(phone)",
    born_on="to_char(born_on, 'YYYY')",
)

# A village reads what was its own: a household that lived there on the day, and one that lives there now.
AS_OF = f"""
with this as (select * from household where id = $1),
chosen as (
    select past.* from household_past as past
    where household_id = $1
      and version > coalesce((select max(version) from household_past where household_id = $1 and until_on <= $3), 0)
    order by version limit 1
),
details as (
    select {_DETAIL_NAMES} from chosen, jsonb_to_recordset(chosen.members) as known ({_DETAILS})
),
as_recorded as (
    select * from details
    union all
    select {_DETAIL_NAMES} from member where household_id = $1 and id not in (select id from details)
),
present as (
    select as_recorded.*, place, joined_on, null::date as left_on, null::text as left_reason, null::jsonb as passed_to
    from as_recorded join (select id, place, joined_on, left_on from member where household_id = $1) as now using (id)
    where joined_on <= $3 and (left_on is null or $3 < left_on)
)
select json_build_object(
    'id', this.id, 'as_of', $3::date, 'version', this.version, 'masked', true,
    'division', {_on_day("divisions")}, 'household_type', {_on_day("types")},
    'monitored_class', case when monitored_now then {_on_day("classes")} end,
    'monitored', monitored_now,
    'resettlement_site', {_on_day("sites")},
    'state', case when ended_on <= $3 then 'ended' else 'registered' end,
    'national_no', held.national_no, 'risks', held.risks, 'guarantees', held.guarantees,
    'members', (select coalesce(json_agg({_MEMBER} order by place), '[]') from present as member))::text as body
from this,
    lateral (select exists (
        select from jsonb_array_elements(this.monitored) as span
        where span ->> 'since' <= to_char($3::date, 'YYYY-MM')
          and (span ->> 'ended' is null or to_char($3::date, 'YYYY-MM') <= span ->> 'ended')
    ) as monitored_now) as monitoring,
    lateral (select coalesce((select chosen.household from chosen), to_jsonb(this)) as version_then) as was,
    lateral (select version_then ->> 'national_no' as national_no, version_then -> 'risks' as risks,
                    version_then -> 'guarantees' as guarantees) as held
where registered_on <= $3
  and (this.division like $2 || '%' or {_on_day("divisions")} like $2 || '%')
"""

"""Reads of the registry: JSON built in SQL, masked unless the caller may see and says why.

One wire form: money and instants as text, dates as ISO dates, which is how PostgreSQL writes them in JSON too.
"""

from chassis.pagination import Page

_MEMBER = """
json_build_object(
    'id', member.id, 'relation', relation, 'name', {name}, 'resident_id', {resident_id}, 'phone', {phone},
    'sex', sex, 'born_on', {born_on}, 'ethnicity', ethnicity, 'education', education, 'schooling', schooling,
    'health', health, 'labour', labour, 'joined_on', joined_on, 'left_on', left_on, 'left_reason', left_reason,
    'passed_to', passed_to)
"""


def member_object(*, name: str, resident_id: str, phone: str, born_on: str) -> str:
    """A member as JSON, with these expressions for what is masked or not."""
    return _MEMBER.format(name=name, resident_id=resident_id, phone=phone, born_on=born_on)


_MASKED = member_object(
    name="masked_name", resident_id="masked_resident_id", phone="masked_phone", born_on="to_char(born_on, 'YYYY')"
)
_UNMASKED = member_object(name="name", resident_id="resident_id", phone="phone", born_on="born_on")

_HOUSEHOLD = """
json_build_object(
    'id', household.id, 'version', version, 'division', division, 'national_no', national_no,
    'household_type', household_type, 'monitored_class', monitored_class, 'resettlement_site', resettlement_site,
    'registered_on', registered_on, 'ended_on', ended_on, 'ended_how', ended_how,
    'risks', risks, 'guarantees', guarantees, 'monitored', monitored, 'successors', successors,
    'taken_over', taken_over, 'masked', {masked},
    'members', (select coalesce(json_agg({member} order by place), '[]') from member
                where household_id = household.id{present}))
"""


def _household(*, masked: bool, former_members: bool) -> str:
    return _HOUSEHOLD.format(
        masked=str(masked).lower(),
        member=_MASKED if masked else _UNMASKED,
        present="" if former_members else " and left_on is null",
    )


ONE_MASKED = f"""
select {_household(masked=True, former_members=True)}::text as body, version from household
where id = $1 and division like $2 || '%'
"""
# The audit row of an unmasked read is written by the same statement, before data leave.
ONE_UNMASKED = f"""
with found as (
    select household.id, {_household(masked=False, former_members=True)}::text as body, version from household
    where id = $1 and division like $2 || '%'
), audited as (
    insert into chassis.audit (person, client, purpose, unmasked, route, search, result_ids, correlation_id)
    select $3, $4, $5, true, $6, 'by-id', array[id::text], $7 from found
)
select body, version from found
"""
LIST = f"""
with page as (
    select id from household
    where division like $1 || '%' and id > $2
      and ($4::text is null or household_type = $4)
      and ($5::text is null or monitored_class = $5)
      and ($6::boolean is null or (monitored_class is not null) = $6)
      and ($7::boolean is null or (ended_on is not null) = $7)
    order by id limit $3
)
select coalesce(json_agg({_household(masked=True, former_members=False)} order by household.id), '[]')::text as items,
       array_agg(household.id::text order by household.id) as ids
from household join page using (id)
"""
# A person may be a former member here and a present one there; in two at once it is a finding of quality.
BY_PERSON = f"""
select coalesce(json_agg({_household(masked=True, former_members=True)} order by household.id), '[]')::text as items,
       array_agg(household.id::text order by household.id) as ids
from household
where division like $2 || '%' and id in (select household_id from member where person_key = $1)
"""
VISIBLE = "select exists (select from household where id = $1 and division like $2 || '%')"
FIRST_ID = "00000000-0000-0000-0000-000000000000"


def after_id(page: Page) -> str:
    """The id after which a page of a list by id begins."""
    return str(page.after[0]) if page.after else FIRST_ID

"""What does not fit between households, found set-based: the same id, or the same phone, in two of them.

Only households within the caller's division are compared: beyond it nothing exists, not even in a count.
"""

from services.monitoring.domain.quality import ID_IN_TWO_HOUSEHOLDS, PHONE_IN_TWO_HOUSEHOLDS

_GROUPS = """
    select '{code}' as code, {mask}({column}) as value, min(member.id::text) as first_member_id,
           json_agg(json_build_object('household_id', household.id, 'member_id', member.id, 'division', division)
                    order by household.id, member.id) as places,
           array_agg(distinct household.id::text) as household_ids
    from member join household on household.id = household_id
    where {column} is not null and left_on is null and ended_on is null and division like $1 || '%'
    group by {column} having count(distinct household.id) > 1
"""
_ALL = "union all".join(
    (
        _GROUPS.format(code=ID_IN_TWO_HOUSEHOLDS, mask="chassis.mask_id", column="resident_id"),
        _GROUPS.format(code=PHONE_IN_TWO_HOUSEHOLDS, mask="chassis.mask_phone", column="phone"),
    )
)
BETWEEN_HOUSEHOLDS = f"""
with found as ({_ALL}),
page as (
    select * from found
    where (code, first_member_id) > ($2, $3) and ($4::text is null or code = $4)
    order by code, first_member_id limit $5
)
select coalesce(json_agg(json_build_object('code', code, 'value', value, 'places', places)
                         order by code, first_member_id), '[]')::text as items,
       array_agg(code order by code, first_member_id) as codes,
       array_agg(first_member_id order by code, first_member_id) as first_member_ids,
       count(*) as found,
       (select array_agg(distinct id) from page, unnest(household_ids) as id) as ids
from page
"""

_SHARED = """
    select '{code}' as code, mine.id::text as member_id
    from member as mine
    where mine.household_id = $1 and mine.left_on is null and mine.{column} is not null
      and exists (select from member as theirs join household on household.id = theirs.household_id
                  where theirs.{column} = mine.{column} and theirs.household_id <> $1
                    and theirs.left_on is null and ended_on is null and division like $2 || '%')
"""
OF_ONE_HOUSEHOLD = "union all".join(
    (
        _SHARED.format(code=ID_IN_TWO_HOUSEHOLDS, column="person_key"),
        _SHARED.format(code=PHONE_IN_TWO_HOUSEHOLDS, column="phone"),
    )
)

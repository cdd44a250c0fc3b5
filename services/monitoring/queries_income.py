"""Reads of income entries: what stands, and what was replaced when. Amounts are text with two decimals."""

LIST = """
select id::text, member_id::text, kind, first_month, last_month, source, amount::text, recorded_on::text,
       replaced_on::text, income_entry.division
from income_entry
where household_id = $1
  and (income_entry.division like $2 || '%'
       or exists (select from household where household.id = $1 and household.division like $2 || '%'))
  and ($3 or replaced_on is null)
  and ($4::text is null or kind = $4)
  and (first_month, id::text) > ($5, $6)
order by first_month, id::text limit $7
"""

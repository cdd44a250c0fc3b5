"""The expense of one person in one period, record by record, to be judged together with a new warning (M-1.1.2)."""

import asyncpg

from services.monitoring.domain.cumulation import Expense
from services.monitoring.domain.signals import Signal
from services.monitoring.storage.bureau_records import PERIODS

_OF_PERIOD = """
select record_no, amount, occurred_on, true as from_file
from bureau_record join comparison on comparison.id = comparison_id
where rule = $1 and period = $2 and member_id = $3::uuid
order by comparison.number, line desc
"""
_WARNED = """
select coalesce(record_no, id::text) as record_no, (evidence ->> 'amount')::numeric as amount, occurred_on,
       false as from_file
from signal
where kind = $1 and {period} = $2 and household_id = $4 and member_id is not distinct from $3::uuid
  and source in ('department-warning', 'service')
order by recorded_at
"""


async def of_period(connection: asyncpg.Connection, signal: Signal) -> list[Expense]:
    """What is known already of a warning's person, rule and period, in the order in which it came.

    Expense of nobody in particular (a warning that names no member) is added up by household.
    """
    place = (signal.rule.key, signal.period.text, signal.member_id)
    rows = [] if signal.member_id is None else await connection.fetch(_OF_PERIOD, *place)
    period = PERIODS[signal.rule.key].format(day="occurred_on")
    rows += await connection.fetch(_WARNED.format(period=period), *place, signal.household_id)
    return [
        Expense(record_no=row["record_no"], amount=row["amount"], on=row["occurred_on"], from_file=row["from_file"])
        for row in rows
    ]

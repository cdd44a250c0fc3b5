"""SQL narrows and the pure rules decide: periods, sums and candidates of SQL are held to those of the domain."""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis import database
from services.monitoring.domain.bounds import Bounds, Line, Operator
from services.monitoring.domain.cumulation import Expense, cumulated
from services.monitoring.domain.screening import RULES
from services.monitoring.storage import candidates
from services.monitoring.storage.bureau_records import PERIODS
from services.monitoring.storage.candidates import Scope
from tests.builders import VILLAGE
from tests.engines import RolledBack
from tests.monitoring.screening.test_overdue_visits import registered

RULE = "medical-outpatient"
_COMPARISON = """
insert into comparison (id, kind, month, division, sha256, uploaded_by, uploaded_on, staged)
values ($1, 'medical', '2024-03', '150623', '', 'bureau', '2024-04-05', '{}')
"""
_RECORD = """
insert into bureau_record (comparison_id, line, rule, period, record_no, household_id, member_id, occurred_on, amount)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_SIGNAL = """
insert into signal (id, household_id, member_id, division, source, kind, occurred_on, recorded_on, evidence, record_no,
                    version, recorded_by)
values ($1, $2, $3, '150623100200', 'department-warning', $4, $5, $5, $6, $7, 1, 'bureau')
"""


@pytest.mark.parametrize("rule", sorted(PERIODS))
async def test_sql_and_the_rule_name_the_same_period(rolled_back: RolledBack, rule: str) -> None:
    connection = await database.driver(await rolled_back("monitoring"))
    sql = PERIODS[rule].format(day="day")
    rows = await connection.fetch(
        f"select day::date as day, {sql} as period from generate_series('2023-01-01'::date, '2025-03-02', '1 day') day"
    )
    assert [row["period"] for row in rows] == [RULES[rule].period_of(row["day"]).text for row in rows]


def test_every_rule_with_a_period_by_member_is_added_up() -> None:
    assert set(PERIODS) == {rule.key for rule in RULES.values() if rule.per_member}


Evidence = st.tuples(
    st.sampled_from(["file-1", "file-2", "warning"]),
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from([date(2024, 3, 1), date(2024, 3, 31), date(2024, 4, 1)]),
    st.sampled_from([None, *(Decimal(text) for text in ("499.99", "500.00", "250.00", "249.99", "-0.01"))]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(Evidence, min_size=1, max_size=8), st.booleans())
async def test_sums_of_sql_are_those_of_the_domain_and_none_over_the_line_is_left_out(
    rolled_back: RolledBack, evidence: list[Any], of_file: bool
) -> None:
    connection = await database.driver(await rolled_back("monitoring"))
    inner = connection.transaction()
    await inner.start()
    home, member, operation = await registered(connection, on=date(2023, 8, 1)), uuid4(), uuid4()
    files = {"file-1": uuid4(), "file-2": uuid4()}
    for file in files.values():
        await connection.execute(_COMPARISON, file)
    by_period = await given_evidence(connection, home, member, files, evidence)
    scope = Scope(operation, VILLAGE, files["file-2"] if of_file else None)
    line = Line("amount", Operator.AT_LEAST, Decimal(500))
    await candidates.write(connection, scope, Bounds(RULE, (line,)))
    found = {
        str(RULES[RULE].period_of(one.last_on).text): (one.amount, one.last_on)
        for one in await candidates.next_chunk(connection, operation, "", 10)
    }
    await inner.rollback()
    touched = {RULES[RULE].period_of(day).text for source, _, day, _ in evidence if source == "file-2"}
    for period, expenses in by_period.items():
        whole = cumulated(expenses)
        if of_file and period not in touched:
            assert period not in found
        elif whole.amount is not None and line.admits(whole.amount):
            assert found[period] == (whole.amount, whole.last_on)
        elif period in found:
            assert found[period] == (whole.amount, whole.last_on), "let through, and counted exactly"


async def given_evidence(
    connection: asyncpg.Connection, home: UUID, member: UUID, files: dict[str, UUID], evidence: list[Any]
) -> dict[str, list[Expense]]:
    """Write the evidence, and answer it by period in the order in which it counts: older file, newer file, warnings."""
    ordered: dict[str, list[tuple[tuple[str, int], Expense]]] = defaultdict(list)
    for line, (source, number, day, amount) in enumerate(evidence):
        period = RULES[RULE].period_of(day).text
        if source == "warning":
            said = json.dumps({} if amount is None else {"amount": str(amount)})
            await connection.execute(_SIGNAL, uuid4(), home, member, RULE, day, said, number)
        else:
            place = (files[source], line, RULE, period, number, home, member, day, amount)
            await connection.execute(_RECORD, *place)
        order = (source, line if source == "warning" else -line)
        ordered[period].append((order, Expense(record_no=number, amount=amount, on=day, from_file=source != "warning")))
    return {
        period: [expense for _, expense in sorted(expenses, key=lambda one: one[0])]
        for period, expenses in ordered.items()
    }

"""Bureaus' records in sets: match a staged file's rows to members, keep what can be used, report the rest.

A property test holds the periods here and the rules' own together.
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from contracts.files.columns import Cell, FileLayout

PERIODS = {
    "medical-inpatient": "to_char({day}, 'YYYY')",
    "medical-outpatient": "to_char({day}, 'YYYY-MM')",
    "tuition": "to_char({day} - interval '8 months', 'YYYY')",
}
"""The period's text by rule whose evidence is added up; of all others each record is a period of its own."""
_RULES_OF_FILE = {"medical": ("medical-inpatient", "medical-outpatient")}
_RULE_SQL = {
    "medical": "case chassis.read_text(care) when '住院' then 'medical-inpatient' "
    "when '门诊' then 'medical-outpatient' end"
}
_READERS = {
    Cell.TEXT: "chassis.read_text({0})",
    Cell.CODE: "chassis.read_text({0})",
    Cell.YUAN: "chassis.read_yuan({0})",
    Cell.NUMBER: "chassis.read_number({0})",
    Cell.YES_NO: "chassis.read_yes_no({0})",
    Cell.DATE: "chassis.read_date({0})",
}
_FORM_CODES = {Cell.YUAN: "amount-form", Cell.DATE: "date-form", Cell.NUMBER: "number-form", Cell.YES_NO: "yes-no-form"}
_OWN = frozenset({"record_no", "name", "resident_id", "occurred_on", "amount", "care"})


def rules_of_file(kind: str) -> tuple[str, ...]:
    """The rules that a bureau's file bears on."""
    return _RULES_OF_FILE.get(kind, (kind,))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Every row of a file is one of these."""

    rows: int
    matched: int
    unmatched: int
    ambiguous: int
    rejected: int


# People in the registry now, by resident id. One who is counted in two households is ambiguous.
_PEOPLE = """
create temp table person on commit drop as
select resident_id, (array_agg(member.id))[1] as member_id, (array_agg(household_id))[1] as household_id,
       count(distinct household_id) as holders
from member join household on household.id = household_id
where left_on is null and ended_on is null and resident_id is not null and division like $1 || '%'
group by resident_id
"""


def _problem_sql(layout: FileLayout) -> str:
    """Why a row cannot be used, the first reason that applies: `column/code`, null when there is none."""
    cases = []
    for column in layout.columns:
        cell = f'"{column.field}"'
        if column.cell is Cell.RESIDENT_ID:
            continue
        if column.required:
            cases.append(f"when chassis.is_blank({cell}) then '{column.heading}/cell-missing'")
        reader = _READERS[column.cell].format(cell)
        if column.cell in _FORM_CODES:
            blank = "" if column.required else f" and not chassis.is_blank({cell})"
            cases.append(f"when {reader} is null{blank} then '{column.heading}/{_FORM_CODES[column.cell]}'")
        if column.cell is Cell.CODE:
            known = ", ".join(f"'{code}'" for code in column.codes)
            cases.append(f"when {reader} not in ({known}) then '{column.heading}/code-unknown'")
    return f"case {' '.join(cases)} end"


def _match_sql(layout: FileLayout, table: str) -> str:
    rule = _RULE_SQL.get(layout.kind, f"'{layout.kind}'")
    periods = " ".join(f"when '{name}' then {sql.format(day='day')}" for name, sql in PERIODS.items())
    facts = ", ".join(f"'{c.field}', {_READERS[c.cell].format(c.field)}" for c in layout.columns if c.field not in _OWN)
    amount = "chassis.read_yuan(amount)" if any(c.field == "amount" for c in layout.columns) else "null::numeric"
    return f"""
with cells as materialized (
    select line, resident_id as written, {_problem_sql(layout)} as problem,
           {rule} as rule, chassis.read_text(record_no) as record_no, chassis.read_date(occurred_on) as day,
           {amount} as amount, {f"jsonb_strip_nulls(jsonb_build_object({facts}))" if facts else "null::jsonb"} as facts
    from {table}
),
-- The usual cell is the id itself: only what does not match as it stands is read again, in all the forms there are.
plain as materialized (
    select cells.*, member_id, household_id, holders from cells left join person on person.resident_id = written
),
again as materialized (
    select line, chassis.resident_id_problem(written) as id_problem, chassis.is_blank(written) as id_missing,
           person.member_id, person.household_id, person.holders
    from plain left join person on person.resident_id = chassis.read_resident_id(written)
    where plain.holders is null
),
settled as materialized (
    select plain.line, rule, record_no, day, amount, facts,
           coalesce(plain.member_id, again.member_id) as member_id,
           coalesce(plain.household_id, again.household_id) as household_id,
           coalesce(plain.holders, again.holders) as holders,
           case when id_missing then $2 || '/cell-missing' when id_problem is not null then $2 || '/' || id_problem
                else problem end as problem
    from plain left join again using (line)
),
kept as (
    insert into bureau_record
        (comparison_id, line, rule, period, record_no, household_id, member_id, occurred_on, amount, facts)
    select $1, line, rule, coalesce(case rule {periods} end, record_no), record_no, household_id, member_id, day,
           amount, facts
    from settled where holders = 1 and problem is null
),
reported as (
    insert into chassis.operation_errors (operation_id, number, line, column_name, code)
    select $1, row_number() over (order by line), line,
           coalesce(split_part(problem, '/', 1), $2),
           coalesce(split_part(problem, '/', 2), case when holders > 1 then 'ambiguous' else 'unmatched' end)
    from settled where problem is not null or holders is distinct from 1
)
select count(*) as rows,
       count(*) filter (where problem is null and holders = 1) as matched,
       count(*) filter (where problem is null and holders is null) as unmatched,
       count(*) filter (where problem is null and holders > 1) as ambiguous,
       count(*) filter (where problem is not null) as rejected
from settled
"""


_REPEATED = """
insert into chassis.operation_errors (operation_id, number, line, column_name, code)
select $1, coalesce((select max(number) from chassis.operation_errors where operation_id = $1), 0)
           + row_number() over (order by line), line, $2, 'duplicate-row'
from (select line, row_number() over (partition by record_no, member_id order by line) as time
      from bureau_record
      where comparison_id = $1 and record_no in (
          select record_no from bureau_record where comparison_id = $1 group by record_no having count(*) > 1)) as seen
where time > 1
"""
_FAULTS = """
insert into chassis.operation_errors (operation_id, number, line, code)
select $1, coalesce((select max(number) from chassis.operation_errors where operation_id = $1), 0)
           + row_number() over (order by line), line, code
from uploads.fault where upload_id = $1
"""


async def match(
    connection: asyncpg.Connection, comparison_id: UUID, layout: FileLayout, table: str, division: str
) -> Reconciled:
    """Match every row of a staged file, keep what can be used, report the rest by line and column."""
    id_heading = next(column.heading for column in layout.columns if column.cell is Cell.RESIDENT_ID)
    number_heading = next(column.heading for column in layout.columns if column.field == "record_no")
    await connection.execute("set local work_mem = '256MB'")
    await connection.execute(_PEOPLE.replace("$1", f"'{division}'"))
    await connection.execute("create index on person (resident_id)")
    await connection.execute("analyze person")
    row = (await connection.fetch(_match_sql(layout, table), comparison_id, id_heading))[0]
    await connection.execute(_REPEATED, comparison_id, number_heading)
    await connection.execute(_FAULTS, comparison_id)
    await connection.execute("drop table person")
    # What comes next joins these rows with themselves: planned with the counts of before, that takes quadratic time.
    await connection.execute("analyze bureau_record")
    return Reconciled(row["rows"], row["matched"], row["unmatched"], row["ambiguous"], row["rejected"])

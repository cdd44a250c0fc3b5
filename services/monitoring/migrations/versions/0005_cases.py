"""Measures, risks that are gone, cases of identification and elimination, their surveys, and what was objected to a publicity."""

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = (
    """
    create table case_file (
        id uuid primary key,
        household_id uuid not null references household,
        division text not null,
        procedure text not null,
        standing text not null,
        step text,
        stands_still boolean not null,
        opened_on date not null,
        closed_on date,
        due_on date not null,
        look_on date,
        publicity_id uuid,
        document jsonb not null,
        version bigint not null
    )
    """,
    # M-1.1.5: one open case per household, whatever comes in at the same moment.
    "create unique index case_file_one_open on case_file (household_id) where standing = 'open'",
    "create index ix_case_file_household_id on case_file (household_id)",
    "create index ix_case_file_division on case_file (division text_pattern_ops, id)",
    "create index ix_case_file_waiting on case_file (due_on, id) where standing = 'open'",
    "create index ix_case_file_look_on on case_file (look_on) where standing = 'open'",
    "create index ix_case_file_publicity_id on case_file (publicity_id)",
    """
    create table survey (
        id uuid primary key,
        household_id uuid not null references household,
        case_id uuid references case_file,
        division text not null,
        surveyed_on date not null,
        document jsonb not null
    )
    """,
    "create index ix_survey_household_id on survey (household_id, surveyed_on)",
    """
    create table risk_resolution (
        id uuid primary key,
        household_id uuid not null references household,
        division text not null,
        risk text not null,
        how text not null,
        reason text,
        resolved_on date not null,
        recorded_on date not null,
        recorded_by text not null,
        attachments jsonb not null,
        reopened_on date
    )
    """,
    "create unique index risk_resolution_standing on risk_resolution (household_id, risk) where reopened_on is null",
    """
    create table measure (
        id uuid primary key,
        household_id uuid not null references household,
        division text not null,
        category text not null,
        kind text not null,
        provider text not null,
        standing text not null,
        planned_on date not null,
        started_on date,
        ended_on date,
        document jsonb not null,
        version bigint not null
    )
    """,
    "create index ix_measure_household_id on measure (household_id)",
    "create index ix_measure_division on measure (division text_pattern_ops, id)",
    """
    create table measure_plan (
        id uuid primary key,
        household_id uuid not null references household,
        division text not null,
        approved_on date not null,
        decision jsonb not null
    )
    """,
    "create index ix_measure_plan_household_id on measure_plan (household_id)",
    # Which near or missed limit of help was told already, once each.
    """
    create table help_deadline_told (
        case_id uuid not null references case_file,
        deadline text not null,
        kind text not null,
        told_on date not null,
        primary key (case_id, deadline, kind)
    )
    """,
    # Who objected, and with what words, stands apart from the case: it is read by those who examine it.
    """
    create table objection (
        id uuid primary key,
        case_id uuid not null references case_file,
        division text not null,
        content text not null,
        name text,
        phone text,
        filed_by text not null,
        filed_on date not null
    )
    """,
    "create index ix_objection_case_id on objection (case_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.get_bind().exec_driver_sql(statement)

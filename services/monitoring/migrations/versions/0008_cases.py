"""Cases of identification and elimination, their surveys, and what was objected to a publicity."""

from alembic import op

revision = "0008"
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

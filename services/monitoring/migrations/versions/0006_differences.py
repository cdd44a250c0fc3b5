"""Where a national file that was brought in again says otherwise than the registry, and how that was settled."""

from alembic import op

revision = "0006"
down_revision = "0005"

_STATEMENTS = (
    """
    create table import_difference (
        id uuid primary key,
        operation_id uuid not null,
        line bigint not null,
        household_id uuid not null references household,
        member_id uuid references member,
        division text not null,
        field text not null,
        heading text not null,
        kind text not null,
        recorded text,
        in_file text,
        year int,
        found_on date not null,
        state text not null,
        reason text,
        settled_on date,
        settled_by text
    )
    """,
    # What is open is not listed twice, and what was kept by decision is not listed again until the file says otherwise.
    """
    create unique index import_difference_standing on import_difference
        (household_id, member_id, field, year, kind, in_file) nulls not distinct where state in ('open', 'kept')
    """,
    "create index ix_import_difference_open on import_difference (division text_pattern_ops, id) where state = 'open'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.get_bind().exec_driver_sql(statement)

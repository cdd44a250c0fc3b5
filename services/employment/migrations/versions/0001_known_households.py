"""What employment knows of households and their members, from monitoring's state."""

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """
    create table known_household (
        id uuid primary key,
        version bigint not null,
        division text not null,
        household_type text not null,
        monitored_class text,
        kept boolean not null,
        site text,
        ended_on date
    )
    """,
    "create index ix_known_household_division on known_household (division text_pattern_ops, id)",
    """
    create table known_member (
        id uuid primary key,
        household_id uuid not null references known_household on delete cascade,
        person_key text,
        sex text,
        birth_month text,
        labour text,
        joined_on date not null,
        left_on date,
        successor_household_id uuid,
        successor_member_id uuid
    )
    """,
    "create index ix_known_member_household_id on known_member (household_id)",
    "create index ix_known_member_person_key on known_member (person_key)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.get_bind().exec_driver_sql(statement)

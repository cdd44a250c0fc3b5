"""Public-welfare posts, applications for them and placements. The database holds the quota of a post."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
    """
    create table post (
        id uuid primary key,
        division text not null,
        kind text not null,
        duty text not null,
        monthly_pay numeric(10, 2) not null check (monthly_pay > 0),
        places int not null check (places > 0),
        filled int not null default 0,
        opened_on date not null,
        opened_by text not null,
        version bigint not null default 1,
        constraint post_quota check (filled between 0 and places)
    )
    """,
    "create index ix_post_division on post (division text_pattern_ops, id)",
    """
    create table post_application (
        id uuid primary key,
        number bigint generated always as identity,
        post_id uuid not null references post,
        household_id uuid not null,
        member_id uuid not null,
        cares boolean not null,
        applied_on date not null,
        state text not null
    )
    """,
    """
    create unique index post_application_waiting on post_application (post_id, member_id) where state = 'waiting'
    """,
    """
    create table placement (
        id uuid primary key,
        post_id uuid not null references post,
        application_id uuid not null references post_application unique,
        household_id uuid not null,
        member_id uuid not null,
        person_key text,
        division text not null,
        from_on date not null,
        until_on date not null,
        ended_on date,
        end_reason text,
        assigned_by text not null,
        findings jsonb not null,
        version bigint not null default 1,
        check (from_on < until_on)
    )
    """,
    "create index ix_placement_household_id on placement (household_id) where ended_on is null",
    "create index ix_placement_member_id on placement (member_id)",
    "create index ix_placement_until_on on placement (until_on) where ended_on is null",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.get_bind().exec_driver_sql(statement)

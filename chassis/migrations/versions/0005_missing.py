"""Remembers what a reader knows to be missing: since when of a log, and which numbers of a key."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for statement in (
        "alter table chassis.positions add column missing_since timestamptz",
        """
        create table chassis.missing_numbers (
            topic text not null,
            key text not null,
            sequence bigint not null,
            finding bigint not null references chassis.log_findings on delete cascade,
            primary key (topic, key, sequence)
        )
        """,
        "create index missing_by_finding on chassis.missing_numbers (finding)",
        "create index log_findings_open on chassis.log_findings (topic, partition) where healed_at is null",
    ):
        op.get_bind().exec_driver_sql(statement)

"""Counts the attempts at an operation that moved nothing, and remembers where the sender of a command stood."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for statement in (
        "alter table chassis.operations add column fruitless int not null default 0",
        "alter table chassis.idempotency_keys add column division text",
    ):
        op.get_bind().exec_driver_sql(statement)

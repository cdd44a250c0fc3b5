"""Outbox, inbox, positions, parking, idempotency keys, operations, audit, parameters."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql("select 1")
    for statement in Path(__file__).with_suffix(".sql").read_text().split("\n\n\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)

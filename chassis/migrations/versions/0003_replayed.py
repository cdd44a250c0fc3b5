"""Marks pending messages that were sent before: they do not make a service look behind."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "alter table chassis.outbox_pending add column again boolean not null default false"
    )

"""To which business day the daily work of a service is done."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "create table chassis.sweeps (job text primary key, done_to date not null, "
        "swept_at timestamptz not null default now())"
    )

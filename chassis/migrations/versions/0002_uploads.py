"""Where uploaded rows lie, and the readers of their cells."""

from alembic import op

from chassis.uploads.sql import statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in statements():
        op.get_bind().exec_driver_sql(statement)

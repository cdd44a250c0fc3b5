"""The gateway's own picture of households and flags, built from monitoring's state topics."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "household_view",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("household_type", sa.String()),
        sa.Column("monitored_class", sa.String()),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_household_view_division", "household_view", [sa.text("division text_pattern_ops")])
    op.create_table(
        "flag_view",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
    )
    op.create_index("ix_flag_view_division", "flag_view", [sa.text("division text_pattern_ops")])

"""Candidates of a screening, what a question found, settled rows of a comparison, the order of signals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Which of two warnings of one record came later: the newer one counts.
    op.add_column(
        "signal",
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    )
    op.create_index(
        "ix_signal_warning",
        "signal",
        ["kind", "household_id"],
        postgresql_where=sa.text("source in ('department-warning', 'service')"),
    )
    # Written once for an operation and walked by household; gone when it is done.
    op.create_table(
        "screening_candidate",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("record_no", sa.String()),
        sa.Column("amount", sa.Numeric()),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("facts", JSONB()),
    )
    op.create_index("ix_screening_candidate", "screening_candidate", ["operation_id", "household_id"])
    # What a what-if question found. It is its report, and nobody's flag.
    op.create_table(
        "what_if_change",
        sa.Column("operation_id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("finding", JSONB(), nullable=False),
    )
    # A row of a bureau's file that matched nobody, or could not be used, and why it may rest.
    op.create_table(
        "settled_row",
        sa.Column("comparison_id", sa.Uuid(), sa.ForeignKey("comparison.id"), primary_key=True),
        sa.Column("line", sa.BigInteger(), primary_key=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
    )

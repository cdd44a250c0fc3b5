"""Signals with their reporters apart, flags, visits, incidents, comparisons and bureaus' records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
    )
    op.create_table(
        "signal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("record_no", sa.String()),
        sa.Column("incident_id", sa.Uuid(), sa.ForeignKey("incident.id")),
        sa.Column("flag_id", sa.Uuid()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
    )
    op.create_index("ix_signal_household_id", "signal", ["household_id"])
    op.create_index("ix_signal_division", "signal", [sa.text("division text_pattern_ops"), "id"])
    # M-1.1.7: who reported, and what was said, stand apart and are read by the guardian of reporters only.
    op.create_table(
        "signal_reporter",
        sa.Column("signal_id", sa.Uuid(), sa.ForeignKey("signal.id"), primary_key=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("phone", sa.String()),
        sa.Column("sub", sa.String()),
        sa.Column("statement", sa.String()),
    )
    op.create_table(
        "flag",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.Column("closing_reason", sa.String()),
        sa.Column("dismissed_amount", sa.Numeric()),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("household_id", "rule", "period"),
    )
    op.create_index("ix_flag_division", "flag", [sa.text("division text_pattern_ops"), "id"])
    op.create_index(
        "ix_flag_open", "flag", ["opened_on", "id"], postgresql_where=sa.text("standing = 'open'")
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("visitor", sa.String(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("findings", sa.String(), nullable=False),
        sa.Column("attachments", JSONB(), nullable=False),
    )
    op.create_index("ix_visit_household_id", "visit", ["household_id", "visited_on"])
    # One uploaded file of a bureau. Its raw rows stay in uploads.file_<id>; what of it was matched is bureau_record.
    op.create_table(
        "comparison",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_on", sa.Date(), nullable=False),
        sa.Column("staged", JSONB(), nullable=False),
        sa.Column("result", JSONB()),
    )
    op.create_table(
        "bureau_record",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("record_no", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric()),
        sa.Column("facts", JSONB()),
    )
    # Few distinct values: PostgreSQL keeps such an index small, and a million insertions into it cheap.
    op.create_index("ix_bureau_record_rule", "bureau_record", ["rule", "period"])
    op.create_index("ix_bureau_record_comparison", "bureau_record", ["comparison_id"])

"""Households and their members."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "household",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("national_no", sa.String(), unique=True),
        sa.Column("household_type", sa.String(), nullable=False),
        sa.Column("resettlement_site", sa.String()),
        sa.Column("monitored_class", sa.String()),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("ended_how", sa.String()),
        sa.Column("risks", JSONB(), nullable=False),
        sa.Column("guarantees", JSONB(), nullable=False),
        sa.Column("history", JSONB(), nullable=False),
        sa.Column("monitored", JSONB(), nullable=False),
        sa.Column("successors", JSONB(), nullable=False),
        sa.Column("taken_over", JSONB()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    op.create_index("ix_household_division_id", "household", [sa.text("division text_pattern_ops"), "id"])
    op.create_index(
        "ix_household_monitored_class",
        "household",
        ["monitored_class", sa.text("division text_pattern_ops")],
        postgresql_where=sa.text("monitored_class is not null"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("resident_id", sa.String()),
        sa.Column("person_key", sa.String()),
        sa.Column("relation", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.String() if name != "born_on" else sa.Date())
            for name in ("sex", "born_on", "ethnicity", "education", "schooling", "health", "labour", "phone")
        ),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date()),
        sa.Column("left_reason", sa.String()),
        sa.Column("passed_to", JSONB()),
        sa.Column("masked_name", sa.Text(), sa.Computed("chassis.mask_name(name)", persisted=True)),
        sa.Column("masked_resident_id", sa.Text(), sa.Computed("chassis.mask_id(resident_id)", persisted=True)),
        sa.Column("masked_phone", sa.Text(), sa.Computed("chassis.mask_phone(phone)", persisted=True)),
    )
    op.create_index("ix_member_household_id", "member", ["household_id"])
    op.create_index("ix_member_person_key", "member", ["person_key"])

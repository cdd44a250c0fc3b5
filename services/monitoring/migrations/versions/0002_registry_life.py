"""What stood before a change, income entries, liaison relations, village teams with their attendance."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

_NOW = sa.text("now()")


def _recorded() -> list[sa.Column]:
    return [
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
        sa.Column("recorded_by", sa.String(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "household_past",
        sa.Column("household_id", sa.Uuid(), sa.ForeignKey("household.id"), primary_key=True),
        sa.Column("version", sa.BigInteger(), primary_key=True),
        sa.Column("household", JSONB(), nullable=False),
        sa.Column("members", JSONB(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW),
        sa.Column("replaced_by", sa.String(), nullable=False),
    )
    op.execute(
        "create trigger household_past_is_append_only before update or delete or truncate on household_past "
        "for each statement execute function chassis.refuse_change()"
    )
    op.create_index(
        "ix_member_phone", "member", ["phone"], postgresql_where=sa.text("phone is not null and left_on is null")
    )
    op.create_table(
        "income_entry",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("member_id", sa.Uuid(), sa.ForeignKey("member.id")),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_month", sa.String(7), nullable=False),
        sa.Column("last_month", sa.String(7), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("replaced_on", sa.Date()),
        *_recorded(),
        sa.CheckConstraint("first_month <= last_month", name="income_entry_period"),
    )
    op.create_index(
        "uq_income_entry_standing",
        "income_entry",
        ["household_id", "member_id", "kind", "first_month", "last_month", "source"],
        unique=True,
        postgresql_where=sa.text("replaced_on is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_income_entry_household_id", "income_entry", ["household_id", "last_month"])
    op.create_table(
        "liaison",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("officer_sub", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("changes", sa.Integer(), nullable=False, server_default="1"),
        *_recorded(),
        sa.CheckConstraint("until_on >= from_on", name="liaison_span"),
    )
    op.create_index("ix_liaison_household_id", "liaison", ["household_id"])
    op.create_index("ix_liaison_officer_sub", "liaison", ["officer_sub", "household_id"])
    op.create_index(
        "uq_liaison_running",
        "liaison",
        ["household_id", "relation", "officer_sub"],
        unique=True,
        postgresql_where=sa.text("until_on is null"),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("officer_sub", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("masked_name", sa.Text(), sa.Computed("chassis.mask_name(name)", persisted=True)),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("term_until_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *_recorded(),
    )
    op.create_index("ix_posting_division", "posting", [sa.text("division text_pattern_ops"), "from_on"])
    op.create_index(
        "uq_posting_person", "posting", ["officer_sub"], unique=True, postgresql_where=sa.text("left_on is null")
    )
    op.create_index(
        "uq_posting_first_secretary",
        "posting",
        ["division"],
        unique=True,
        postgresql_where=sa.text("left_on is null and post = 'first-secretary'"),
    )
    op.create_table(
        "attendance",
        sa.Column("posting_id", sa.Uuid(), sa.ForeignKey("posting.id"), primary_key=True),
        sa.Column("attended_on", sa.Date(), primary_key=True),
        *_recorded(),
    )

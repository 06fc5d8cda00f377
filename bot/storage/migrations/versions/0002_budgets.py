"""Budgets, what was spent of them, and what is held for jobs that are not billed yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")
USD = sa.Numeric(20, 9)
TEXTS = postgresql.ARRAY(sa.Text())
ACCOUNT = ("scope", "subject", "period", "starts_on")


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("limit_bytes", sa.BigInteger()),
        sa.Column("limit_usd", USD),
        sa.Column("on_exceeded", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("set_at", MOMENT, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("scope", "subject", "period", name="budgets_pkey"),
        sa.CheckConstraint("limit_bytes IS NOT NULL OR limit_usd IS NOT NULL", name="budgets_limit_something"),
    )
    op.create_table(
        "budget_accounts",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("spent_bytes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("spent_usd", USD, nullable=False, server_default="0"),
        sa.Column("reserved_bytes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("reserved_usd", USD, nullable=False, server_default="0"),
        sa.Column("warned_by", sa.Text()),
        sa.PrimaryKeyConstraint(*ACCOUNT, name="budget_accounts_pkey"),
        sa.CheckConstraint("reserved_bytes >= 0 AND reserved_usd >= 0", name="budget_accounts_hold_what_they_hold"),
    )
    op.create_index(
        "budget_accounts_warned_by", "budget_accounts", ["warned_by"], postgresql_where=sa.text("warned_by IS NOT NULL")
    )
    op.create_table(
        "reservations",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("usd", USD, nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("groups", TEXTS, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("touched_at", MOMENT, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("job_id", name="reservations_pkey"),
        sa.CheckConstraint("state IN ('held', 'returned', 'settled')", name="reservations_state"),
    )
    op.create_index("reservations_held", "reservations", ["touched_at"], postgresql_where=sa.text("state = 'held'"))
    op.create_index("reservations_unbilled", "reservations", ["at"], postgresql_where=sa.text("state <> 'settled'"))
    op.create_table(
        "reservation_accounts",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", *ACCOUNT, name="reservation_accounts_pkey"),
    )


def downgrade() -> None:
    for table in ("reservation_accounts", "reservations", "budget_accounts", "budgets"):
        op.drop_table(table)

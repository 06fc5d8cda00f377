"""The inbox, replies, results and approvals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("inbox_owner", data_type=sa.Integer(), cycle=True)))
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("spoken_at", sa.Numeric(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, server_default="queued"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("run_after", MOMENT, nullable=False, server_default=NOW),
        sa.Column("owner", sa.Integer()),
        sa.Column("leased_until", MOMENT),
        sa.Column("stop_requested", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False, server_default=NOW),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="inbox_pkey"),
        sa.UniqueConstraint("dedupe_key", name="inbox_dedupe_key"),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'buried')", name="inbox_status"),
        sa.CheckConstraint("(status = 'running') = (owner IS NOT NULL)", name="inbox_running_has_owner"),
    )
    op.create_index(
        "inbox_one_running_per_conversation",
        "inbox",
        ["conversation"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index("inbox_claim_order", "inbox", ["spoken_at", "id"], postgresql_where=sa.text("status = 'queued'"))
    op.create_index(
        "inbox_open_in_conversation",
        "inbox",
        ["conversation", "spoken_at", "id"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_index(
        "inbox_finished", "inbox", ["finished_at"], postgresql_where=sa.text("status IN ('done', 'buried')")
    )
    op.create_table(
        "replies",
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread_ts", sa.Text()),
        sa.Column("ts", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("turn_id", name="replies_pkey"),
    )
    op.create_index("replies_conversation", "replies", ["conversation"], postgresql_where=sa.text("ts IS NOT NULL"))
    op.create_index("replies_answered", "replies", ["created_at"], postgresql_where=sa.text("answer IS NOT NULL"))
    op.create_table(
        "results",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False, server_default=NOW),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="results_pkey"),
        sa.UniqueConstraint("turn_id", "fingerprint", name="results_of_one_run"),
    )
    op.create_index("results_expiry", "results", ["expires_at"])
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("tables", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("bytes_ceiling", sa.BigInteger(), nullable=False),
        sa.Column("cost_ceiling_usd", sa.Float()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False, server_default=NOW),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="pending"),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="approvals_pkey"),
        sa.UniqueConstraint("turn_id", "fingerprint", name="approvals_of_one_statement"),
        sa.CheckConstraint("state IN ('pending', 'approved', 'denied')", name="approvals_state"),
        sa.CheckConstraint("(state = 'pending') = (decided_by IS NULL)", name="approvals_decided_by_somebody"),
    )
    op.create_index("approvals_pending", "approvals", ["conversation"], postgresql_where=sa.text("state = 'pending'"))


def downgrade() -> None:
    for table in ("approvals", "results", "replies", "inbox"):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("inbox_owner")))

"""Which finished runs may stand for others, and answers from the cache in the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_runs",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("result_id", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tables", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="kept_runs_pkey"),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name="kept_runs_of_a_result", ondelete="CASCADE"),
    )
    op.create_index("kept_runs_result", "kept_runs", ["result_id"])
    op.drop_constraint("audit_kind", "audit", type_="check")
    op.create_check_constraint("audit_kind", "audit", "kind IN ('decision', 'job', 'model', 'cache')")


def downgrade() -> None:
    op.drop_table("kept_runs")
    op.drop_constraint("audit_kind", "audit", type_="check")
    # rows that the older version does not know stay: it only adds
    op.execute("ALTER TABLE audit ADD CONSTRAINT audit_kind CHECK (kind IN ('decision', 'job', 'model')) NOT VALID")

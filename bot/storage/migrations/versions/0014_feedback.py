"""What people think of answers, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("words", sa.Text(), nullable=False, server_default=""),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("turn_id", "user_id", name="feedback_pkey"),
        sa.CheckConstraint("verdict IN ('good', 'bad')", name="feedback_verdict"),
    )


def downgrade() -> None:
    op.drop_table("feedback")

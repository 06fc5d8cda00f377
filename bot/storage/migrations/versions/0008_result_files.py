"""How far the file of a result has come on its way into Slack."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "result_files",
        sa.Column("result_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread_ts", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("note_ts", sa.Text()),
        sa.Column("file_id", sa.Text()),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("result_id", "kind", "channel", "thread_ts", name="result_files_pkey"),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name="result_files_of_a_result", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("result_files")

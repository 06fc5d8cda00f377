"""What people chose for themselves: language, time zone, form of results."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("time_zone", sa.Text()),
        sa.Column("shown_as", sa.Text()),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("user_id", name="preferences_pkey"),
    )


def downgrade() -> None:
    op.drop_table("preferences")

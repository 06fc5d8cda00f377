"""Who asked for a reply: they may have it deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("replies", sa.Column("asked_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("replies", "asked_by")

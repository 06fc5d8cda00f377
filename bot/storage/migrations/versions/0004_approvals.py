"""Approvals know who may decide, which press decided, and what their card says; a reply is found by its message."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approvals", sa.Column("decided_via", sa.Text()))
    op.add_column("approvals", sa.Column("deciders", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("approvals", sa.Column("columns", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("approvals", sa.Column("card_state", sa.Text(), nullable=False, server_default="pending"))
    # Cards of before are as they are: nobody goes back to change them.
    op.execute("UPDATE approvals SET card_state = state")
    _replace_checks(
        "state IN ('pending', 'approved', 'denied', 'expired')",
        "(state IN ('approved', 'denied')) = (decided_by IS NOT NULL)",
    )
    op.create_index("approvals_running_out", "approvals", ["expires_at"], postgresql_where=sa.text("state = 'pending'"))
    op.create_index("approvals_card_outdated", "approvals", ["id"], postgresql_where=sa.text("card_state <> state"))
    op.create_index("replies_message", "replies", ["channel", "ts"], postgresql_where=sa.text("ts IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("replies_message")
    op.drop_index("approvals_card_outdated")
    op.drop_index("approvals_running_out")
    op.execute("UPDATE approvals SET state = 'pending' WHERE state = 'expired'")
    _replace_checks("state IN ('pending', 'approved', 'denied')", "(state = 'pending') = (decided_by IS NULL)")
    for column in ("card_state", "columns", "deciders", "decided_via"):
        op.drop_column("approvals", column)


def _replace_checks(state: str, decided_by_somebody: str) -> None:
    for name, rule in (("approvals_state", state), ("approvals_decided_by_somebody", decided_by_somebody)):
        op.drop_constraint(name, "approvals", type_="check")
        op.create_check_constraint(name, "approvals", rule)

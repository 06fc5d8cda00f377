"""What a policy on trial would have decided otherwise is in the audit."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("audit_kind", "audit", type_="check")
    op.create_check_constraint("audit_kind", "audit", "kind IN ('decision', 'job', 'model', 'cache', 'observed')")


def downgrade() -> None:
    op.drop_constraint("audit_kind", "audit", type_="check")
    # rows that the older version does not know stay: it only adds
    op.execute(
        "ALTER TABLE audit ADD CONSTRAINT audit_kind CHECK (kind IN ('decision', 'job', 'model', 'cache')) NOT VALID"
    )

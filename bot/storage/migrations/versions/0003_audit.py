"""The audit: rows are added, never changed. Old ones go by `botctl audit prune`, and only old ones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("now()")
TEXTS = postgresql.ARRAY(sa.Text())

# A REVOKE would not bind the owner of the table, who the bot is. The retention says its name, in its own
# transaction only, and cannot reach what is younger than 30 days even so.
REFUSE = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('data_bolt.audit_retention', true) = 'on' THEN
    IF OLD.at < now() - interval '30 days' THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False, server_default=NOW),
        sa.Column("turn_id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("groups", TEXTS, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("tables", TEXTS, nullable=False),
        sa.Column("decision", sa.Text()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Text()),
        sa.Column("approver", sa.Text()),
        sa.Column("job_id", sa.Text()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("bytes_estimated", sa.BigInteger()),
        sa.Column("bytes_billed", sa.BigInteger()),
        sa.Column("cost_usd", sa.Numeric(20, 9)),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompts", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pkey"),
        sa.UniqueConstraint("key", name="audit_key"),
        sa.CheckConstraint("kind IN ('decision', 'job', 'model')", name="audit_kind"),
    )
    op.create_index("audit_at", "audit", ["at", "id"])
    op.create_index("audit_of_asker", "audit", ["asker", "at"])
    op.create_index("audit_in_channel", "audit", ["channel", "at"])
    op.create_index("audit_of_turn", "audit", ["turn_id"])
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )


def downgrade() -> None:
    op.drop_table("audit")
    op.execute("DROP FUNCTION audit_is_append_only()")

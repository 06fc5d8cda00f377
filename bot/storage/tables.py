"""Our tables. Migrations make them; a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()

inbox_owner = Sequence("inbox_owner", data_type=Integer(), cycle=True, metadata=metadata)
"""One number per start of a process that claims. An int, for it is half of an advisory lock's key."""

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(always=True)),
    Column("dedupe_key", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("spoken_at", Numeric, nullable=False),
    Column("kind", Text, nullable=False),
    # JSON, but as text: jsonb refuses the NUL that somebody will paste into a message one day.
    Column("payload", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("run_after", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("owner", Integer),
    Column("leased_until", DateTime(timezone=True)),
    Column("stop_requested", Boolean, nullable=False, server_default=text("false")),
    Column("error", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("id", name="inbox_pkey"),
    UniqueConstraint("dedupe_key", name="inbox_dedupe_key"),
    CheckConstraint("status IN ('queued', 'running', 'done', 'buried')", name="inbox_status"),
    CheckConstraint("(status = 'running') = (owner IS NOT NULL)", name="inbox_running_has_owner"),
)
# "One at a time within a conversation" is the database's rule, not the workers'.
Index(
    "inbox_one_running_per_conversation",
    inbox.c.conversation,
    unique=True,
    postgresql_where=text("status = 'running'"),
)
Index("inbox_claim_order", inbox.c.spoken_at, inbox.c.id, postgresql_where=text("status = 'queued'"))
Index(
    "inbox_open_in_conversation",
    inbox.c.conversation,
    inbox.c.spoken_at,
    inbox.c.id,
    postgresql_where=text("status IN ('queued', 'running')"),
)
Index("inbox_finished", inbox.c.finished_at, postgresql_where=text("status IN ('done', 'buried')"))

replies = Table(
    "replies",
    metadata,
    Column("turn_id", Text),
    Column("conversation", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread_ts", Text),
    Column("ts", Text),
    Column("answer", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("turn_id", name="replies_pkey"),
)
Index("replies_conversation", replies.c.conversation, postgresql_where=text("ts IS NOT NULL"))
Index("replies_answered", replies.c.created_at, postgresql_where=text("answer IS NOT NULL"))

results = Table(
    "results",
    metadata,
    Column("id", Text),
    Column("turn_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("id", name="results_pkey"),
    UniqueConstraint("turn_id", "fingerprint", name="results_of_one_run"),
)
Index("results_expiry", results.c.expires_at)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Text),
    Column("turn_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("tables", ARRAY(Text), nullable=False),
    Column("bytes_ceiling", BigInteger, nullable=False),
    Column("cost_ceiling_usd", Float),
    Column("reasons", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("id", name="approvals_pkey"),
    UniqueConstraint("turn_id", "fingerprint", name="approvals_of_one_statement"),
    # Expiry is not a state of its own: it is read off the clock, so that no sweep can come too late.
    CheckConstraint("state IN ('pending', 'approved', 'denied')", name="approvals_state"),
    CheckConstraint("(state = 'pending') = (decided_by IS NULL)", name="approvals_decided_by_somebody"),
)
Index("approvals_pending", approvals.c.conversation, postgresql_where=text("state = 'pending'"))

"""Our tables. Migrations make them; a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
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
    Column("asked_by", Text),
    PrimaryKeyConstraint("turn_id", name="replies_pkey"),
)
Index("replies_conversation", replies.c.conversation, postgresql_where=text("ts IS NOT NULL"))
Index("replies_message", replies.c.channel, replies.c.ts, postgresql_where=text("ts IS NOT NULL"))
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

# Which run stands for the next one of the same statement, policy and readers' rights.
kept_runs = Table(
    "kept_runs",
    metadata,
    Column("key", Text),
    Column("turn_id", Text, nullable=False),
    Column("result_id", Text, nullable=False),
    Column("ran_at", DateTime(timezone=True), nullable=False),
    Column("tables", Text, nullable=False),
    PrimaryKeyConstraint("key", name="kept_runs_pkey"),
    ForeignKeyConstraint(["result_id"], ["results.id"], name="kept_runs_of_a_result", ondelete="CASCADE"),
)
Index("kept_runs_result", kept_runs.c.result_id)

# Channels of two companies in which a colleague has allowed answers.
consents = Table(
    "consents",
    metadata,
    Column("channel", Text),
    Column("given_by", Text, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("channel", name="consents_pkey"),
)

result_files = Table(
    "result_files",
    metadata,
    Column("result_id", Text),
    Column("kind", Text),
    Column("channel", Text),
    Column("thread_ts", Text),
    Column("asked_by", Text, nullable=False),
    Column("note_ts", Text),
    Column("file_id", Text),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("result_id", "kind", "channel", "thread_ts", name="result_files_pkey"),
    ForeignKeyConstraint(["result_id"], ["results.id"], name="result_files_of_a_result", ondelete="CASCADE"),
)

budgets = Table(
    "budgets",
    metadata,
    Column("scope", Text),
    Column("subject", Text),
    Column("period", Text),
    Column("limit_bytes", BigInteger),
    Column("limit_usd", Numeric(20, 9)),
    Column("on_exceeded", Text, nullable=False),
    Column("owner", Text),
    Column("set_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("scope", "subject", "period", name="budgets_pkey"),
    CheckConstraint("limit_bytes IS NOT NULL OR limit_usd IS NOT NULL", name="budgets_limit_something"),
)

# What one payer has spent in one period. Its row is the lock under which anything is held or booked.
budget_accounts = Table(
    "budget_accounts",
    metadata,
    Column("scope", Text),
    Column("subject", Text),
    Column("period", Text),
    Column("starts_on", Date),
    Column("spent_bytes", BigInteger, nullable=False, server_default="0"),
    Column("spent_usd", Numeric(20, 9), nullable=False, server_default="0"),
    Column("reserved_bytes", BigInteger, nullable=False, server_default="0"),
    Column("reserved_usd", Numeric(20, 9), nullable=False, server_default="0"),
    Column("warned_by", Text),
    PrimaryKeyConstraint("scope", "subject", "period", "starts_on", name="budget_accounts_pkey"),
    CheckConstraint("reserved_bytes >= 0 AND reserved_usd >= 0", name="budget_accounts_hold_what_they_hold"),
)
Index("budget_accounts_warned_by", budget_accounts.c.warned_by, postgresql_where=text("warned_by IS NOT NULL"))

reservations = Table(
    "reservations",
    metadata,
    Column("job_id", Text),
    Column("state", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("usd", Numeric(20, 9), nullable=False),
    # The payers, for a budget that is set while the job runs.
    Column("team", Text, nullable=False),
    Column("asker", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("groups", ARRAY(Text), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    # The job's audit row, but for the bill: whoever settles may know nothing else of the turn.
    Column("entry", Text, nullable=False),
    Column("touched_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("job_id", name="reservations_pkey"),
    CheckConstraint("state IN ('held', 'returned', 'settled')", name="reservations_state"),
)
Index("reservations_held", reservations.c.touched_at, postgresql_where=text("state = 'held'"))
Index("reservations_unbilled", reservations.c.at, postgresql_where=text("state <> 'settled'"))

reservation_accounts = Table(
    "reservation_accounts",
    metadata,
    Column("job_id", Text),
    Column("scope", Text),
    Column("subject", Text),
    Column("period", Text),
    Column("starts_on", Date),
    PrimaryKeyConstraint("job_id", "scope", "subject", "period", "starts_on", name="reservation_accounts_pkey"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True)),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("turn_id", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("asker", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("groups", ARRAY(Text), nullable=False),
    Column("question", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("tables", ARRAY(Text), nullable=False),
    Column("decision", Text),
    Column("reasons", Text, nullable=False),
    Column("approval_id", Text),
    Column("approver", Text),
    Column("job_id", Text),
    Column("outcome", Text, nullable=False),
    Column("bytes_estimated", BigInteger),
    Column("bytes_billed", BigInteger),
    Column("cost_usd", Numeric(20, 9)),
    Column("model", Text, nullable=False),
    Column("prompts", Text, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("policy_version", Text, nullable=False),
    PrimaryKeyConstraint("id", name="audit_pkey"),
    UniqueConstraint("key", name="audit_key"),
    CheckConstraint("kind IN ('decision', 'job', 'model', 'cache', 'observed')", name="audit_kind"),
)
# A trigger, which only the migration makes, refuses every UPDATE and TRUNCATE, and all but the retention's DELETE.
Index("audit_at", audit.c.at, audit.c.id)
Index("audit_of_asker", audit.c.asker, audit.c.at)
Index("audit_in_channel", audit.c.channel, audit.c.at)
Index("audit_of_turn", audit.c.turn_id)

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
    Column("decided_via", Text),
    Column("deciders", Text, nullable=False, server_default="{}"),
    Column("columns", Text, nullable=False, server_default="[]"),
    Column("card_state", Text, nullable=False, server_default="pending"),
    PrimaryKeyConstraint("id", name="approvals_pkey"),
    UniqueConstraint("turn_id", "fingerprint", name="approvals_of_one_statement"),
    # Expiry is read off the clock, so that no sweep can come too late; it is written down for the card to say so.
    CheckConstraint("state IN ('pending', 'approved', 'denied', 'expired')", name="approvals_state"),
    CheckConstraint(
        "(state IN ('approved', 'denied')) = (decided_by IS NOT NULL)", name="approvals_decided_by_somebody"
    ),
)
Index("approvals_pending", approvals.c.conversation, postgresql_where=text("state = 'pending'"))
Index("approvals_running_out", approvals.c.expires_at, postgresql_where=text("state = 'pending'"))
Index("approvals_card_outdated", approvals.c.id, postgresql_where=text("card_state <> state"))

feedback = Table(
    "feedback",
    metadata,
    Column("turn_id", Text),
    Column("user_id", Text),
    Column("verdict", Text, nullable=False),
    Column("reason", Text),
    Column("words", Text, nullable=False, server_default=""),
    Column("given_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("turn_id", "user_id", name="feedback_pkey"),
    CheckConstraint("verdict IN ('good', 'bad')", name="feedback_verdict"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("user_id", Text),
    Column("language", Text),
    Column("time_zone", Text),
    Column("shown_as", Text),
    Column("chosen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("user_id", name="preferences_pkey"),
)

# Open ones only: which daemon tells of what all of them suffer.
outages = Table(
    "outages",
    metadata,
    Column("what", Text),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("what", name="outages_pkey"),
)

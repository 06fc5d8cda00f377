"""What goes into the analyst and what comes out: no Slack, no SQLAlchemy, no LangGraph."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from agent.notice import Notice

Language: TypeAlias = Literal["en", "ko", "ja"]
Cell: TypeAlias = object
"""INT64 as int, FLOAT64 as float, BOOL as bool, STRING as str, NULL as None; NUMERIC, dates, times and
timestamps as str in BigQuery's own spelling; ARRAY as list, STRUCT as dict."""


class Action(StrEnum):
    """The seven things a turn can be."""

    CHAT_REPLY = "chat_reply"
    SCHEMA_LOOKUP = "schema_lookup"
    SQL_VALIDATE_EXPLAIN = "sql_validate_explain"
    SQL_GENERATE = "sql_generate"
    SQL_EXECUTE = "sql_execute"
    EXECUTION_APPROVE = "execution_approve"
    EXECUTION_CANCEL = "execution_cancel"


class DecisionWord(StrEnum):
    """What policy decided, in the words that leave the process (logs, `simulate --json`)."""

    AUTO_EXECUTE = "auto_execute"
    APPROVAL_REQUIRED = "approval_required"
    BLOCKED = "blocked"


ShownAs: TypeAlias = Literal["table", "bar", "line", "area", "pie"]
"""A form in which somebody wants to see a result."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody chose for themselves; None leaves it to the bot."""

    language: Language | None = None
    """Of every answer, whatever language the question is in."""
    time_zone: str | None = None
    """IANA name. Their "today" and "this month" begin there."""
    shown_as: ShownAs | None = None
    """The form of results whose question names none, where the data can be drawn so."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who speaks."""

    user: str
    team: str
    locale: str = "en-US"
    time_zone: str = "UTC"
    preferences: Preferences = field(default_factory=Preferences)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who can read the conversation, as far as policy asks."""

    user: str
    groups: frozenset[str] = frozenset()
    """The user groups that they belong to: ids and handles."""
    is_guest: bool = False
    is_external: bool = False
    """Of another company: there through a shared channel."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who will see the answer."""

    kind: Literal["asker", "channel"]
    channel: str
    external: bool = False
    """True when guests or another company's people are in the room."""
    members: tuple[Member, ...] | None = None
    """Everybody in the room, the asker among them. None: they are too many to count, or nobody could say who they
    are, so only what policy gives the channel itself holds."""
    channel_name: str = ""
    """Without the `#`; empty where there is none."""
    asker: Member | None = None
    """Who asks, also where the room is too large to count; None when nobody could say who they are."""


@dataclass(frozen=True, slots=True)
class Approve:
    approval_id: str
    kind: Literal["approve"] = "approve"


@dataclass(frozen=True, slots=True)
class Cancel:
    approval_id: str
    kind: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class RunSql:
    sql: str
    kind: Literal["run_sql"] = "run_sql"
    title: str = ""
    """What its result shows, in the asker's language; empty where nobody knows."""
    is_fresh: bool = False
    """Run it, though a result of it may be kept."""


@dataclass(frozen=True, slots=True)
class CarryOut:
    """Somebody has decided on an approval: run what was let run, or say that nothing is run."""

    approval_id: str
    approved: bool
    kind: Literal["carry_out"] = "carry_out"


@dataclass(frozen=True, slots=True)
class StartOver:
    """Forget the conversation: its messages and its last SQL."""

    kind: Literal["start_over"] = "start_over"


Preset: TypeAlias = Approve | Cancel | CarryOut | RunSql | StartOver
"""What a button, an emoji, Refine or a control word asks for: the router returns it without a model call."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said in the thread before the bot was called."""

    user: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of one person in one conversation."""

    id: str
    """The inbox item's dedupe key: the same over redeliveries, unique over the bot's whole life."""
    conversation: str
    actor: Actor
    audience: Audience
    text: str
    addressed: bool = True
    """False when nobody mentioned the bot, so that relevance is for the model to judge."""
    thread: tuple[Said, ...] = ()
    """Earlier messages of the thread that the checkpoint does not know, oldest first."""
    preset: Preset | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Why the turn took the road it took."""

    action: Action
    confidence: float
    reason: str
    fallback_used: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    """BigQuery's standard SQL type name: INT64, FLOAT64, STRING, TIMESTAMP, ARRAY<...>, STRUCT<...>."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a result."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int

    @property
    def is_truncated(self) -> bool:
        return self.total_rows > len(self.rows)


@dataclass(frozen=True, slots=True)
class Bill:
    """What the answer cost. Bytes are bytes, money is US dollars; None is not known."""

    bytes_estimated: int | None = None
    bytes_billed: int | None = None
    cost_usd: float | None = None
    """Of the bytes billed once the query ran, of the estimate before."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Model calls of the turn."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read an ambiguous question. Choosing it goes on with the question as `text` puts it."""

    label: str
    """A few words, in the asker's language."""
    text: str
    """What the person says by choosing it: a whole question, bound to a column or a value that exists."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A cheaper statement in place of one that waits for approval, priced by a dry run."""

    gives_up: Notice
    """What its result is short of."""
    sql: str
    bytes_estimated: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """Who may decide on an approval and until when; later, who did. Times are Unix seconds."""

    requester: str
    expires_at: float
    named: tuple[str, ...] = ()
    """User ids, group ids, group handles. Empty: everybody in the conversation."""
    requester_may: bool = True
    state: Literal["pending", "approved", "denied", "expired"] = "pending"
    decided_by: str | None = None
    decided_at: float | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An approval that a bare yes or no could have meant."""

    approval_id: str
    question: str
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class TableAge:
    """How long ago a table was last changed, when the answer was given."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished turn, in words and numbers; how it looks is the surface's business."""

    turn_id: str
    language: Language
    route: Route | None
    """None when the message was not for us."""
    text: str | None = None
    """The model's own words (small talk, an explanation, the title of a result), in the asker's language."""
    notices: tuple[Notice, ...] = ()
    """Refusals, failures, questions back and caveats."""
    sql: str | None = None
    decision: DecisionWord | None = None
    table: Table | None = None
    tables_read: tuple[str, ...] = ()
    bill: Bill = field(default_factory=Bill)
    usage: Usage = field(default_factory=Usage)
    approval_id: str | None = None
    """Set when the decision is approval_required: the card's buttons carry it."""
    card: Card | None = None
    """Beside an approval, as it stood when this was written."""
    twins: tuple[Twin, ...] = ()
    """Beside an approval: at most three; pressing one runs it through the same door."""
    waiting: tuple[Waiting, ...] = ()
    """A bare yes or no was said while several approvals wait: which one is meant."""
    result_id: str | None = None
    job_id: str | None = None
    """BigQuery's, of the run that read these rows; from the cache: of the run then."""
    ran_at: float | None = None
    """Unix seconds. Of an answer from the cache: when its rows were read; it has cost nothing."""
    ages: tuple[TableAge, ...] = ()
    """Of the first of `tables_read`, where somebody asked and BigQuery says it."""
    is_stale: bool = False
    """Every table is older than the operator finds usual."""
    seconds: float | None = None
    """How long the answer took, where somebody measured."""
    shown_as: ShownAs | None = None
    """The form that the person asked for, or likes; None where they left it open."""
    assumptions: tuple[str, ...] = ()
    """How the question was read, in the asker's language: a period, a currency, what counts."""
    next_questions: tuple[str, ...] = ()
    """What one may want to know next, in the asker's language: two or three, each a whole question."""
    choices: tuple[Choice, ...] = ()
    """What an ambiguous question may mean: at most four. `text` asks which."""
    fuller: "Answer | None" = None
    """What the asker alone may see, where the room may see less: this answer is the room's, that one goes to them."""
    error: str | None = None
    """The error's class name, for logs and `--json`; people read the notice."""

    @property
    def is_for_us(self) -> bool:
        return self.route is not None


class Step(StrEnum):
    """A stage that people see while they wait."""

    UNDERSTAND = "understand"
    READ_SCHEMA = "read_schema"
    WRITE_SQL = "write_sql"
    PRICE = "price"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Progress:
    step: Step
    state: Literal["running", "done", "failed"]
    detail: str = ""
    """Data, not a sentence: table names, `12.3 MB`. Empty when there is nothing to name."""


OnProgress: TypeAlias = Callable[[Progress], Awaitable[None]]

"""Graph state, plain values only: `messages`, `summary` and `last` live with the thread, `work` dies with the turn."""

from typing import Any, Literal, NotRequired, TypedDict

PlainNotice = dict[str, Any]
"""A Notice as `{"code": ..., "params": {...}}`."""


class Message(TypedDict):
    """One utterance of the conversation, as later prompts show it."""

    id: str
    """`<turn id>:person` or `<turn id>:bot`: a node that runs again adds nothing twice."""
    role: str
    """`person` or `bot`."""
    user: str
    """Who spoke, so that authors are told apart; empty for the bot."""
    text: str


class Summary(TypedDict):
    """What older messages have been folded into. The model's words about people's words: data, like the messages."""

    text: str
    messages: int
    """How many messages it stands for."""


class Last(TypedDict, total=False):
    """The thread's last query. A dict and not a bare string: strings are copied into every checkpoint row."""

    sql: str
    result_id: str | None
    is_valid: bool
    """Whether its dry run passed."""
    title: str
    """What its result shows, where it ran."""


class PlainChoice(TypedDict):
    """A Choice in plain values."""

    label: str
    text: str


class OpenQuestion(TypedDict):
    """What the last answer asked back; without choices where none could be bound to the catalog."""

    text: str
    choices: list[PlainChoice]


class RouteWork(TypedDict):
    action: str
    confidence: float
    reason: str
    fallback_used: bool


class CheckWork(TypedDict):
    """What the door said about `sql` when it was last asked."""

    sql: str
    decision: str
    """A DecisionWord."""
    tables: list[str]
    bytes_estimated: int | None
    cost_usd: float | None


class OutcomeWork(TypedDict):
    """What came back from the warehouse."""

    table: dict[str, Any]
    """A Table in plain values, cut to what a checkpoint may hold."""
    tables_read: list[str]
    bytes_estimated: int | None
    bytes_billed: int | None
    cost_usd: float | None
    result_id: str | None
    job_id: NotRequired[str]
    is_withheld: NotRequired[bool]
    """The room may see nothing of it: `table` is empty."""
    ran_at: NotRequired[float | None]
    """Unix seconds, where it came from the cache."""
    fuller_id: NotRequired[str | None]
    """Of the result as the asker alone may see it: its rows are in no checkpoint."""
    holds_tagged: NotRequired[bool]
    """No row of it goes to a model."""
    notices: NotRequired[list[PlainNotice]]
    """What its readers are told about what they do not see."""


class Work(TypedDict, total=False):
    """Everything one turn writes down. `reset_turn_state` empties it, so that nothing leaks into the next turn."""

    is_relevant: bool
    route: RouteWork
    language: Literal["en", "ko", "ja"]
    """What the person speaks here."""
    question: str | None
    """What the message means where it picks a choice: the choice's own question."""
    clarifying_question: str | None
    choices: list[PlainChoice]
    """What the question back offers."""
    assumptions: list[str]
    next_questions: list[str]
    is_unsure: bool
    """The route was below the confidence threshold: the chat road uses no tool."""
    is_refused: bool
    """The router heard a wish to change data: the notice says that nothing here writes."""
    is_model_down: bool
    """The router could not reach the model: the chat road tells the person instead of asking once more."""
    candidate_sql: str | None
    """What the gate is asked about."""
    shown_sql: str | None
    """What the answer shows and nobody runs in this turn."""
    tries: int
    """Drafts that were written before `candidate_sql` was the best of them."""
    title: str | None
    """What the result shows, in the asker's language."""
    text: str | None
    check: CheckWork | None
    decision: str | None
    approval_id: str | None
    """Of the approval that was asked for in this turn."""
    card: dict[str, Any] | None
    """What its card says beside the price: a Card in plain values."""
    twins: list[dict[str, Any]]
    """Cheaper statements beside it: Twins in plain values."""
    waiting: list[dict[str, Any]]
    """Approvals that a bare yes or no could have meant: Waitings in plain values."""
    granted_id: str | None
    """Of the approval that lets this turn run."""
    outcome: OutcomeWork
    """Set once the query ran."""
    notices: list[PlainNotice]
    error: str | None
    usage: dict[str, int]
    answer: dict[str, Any]
    """The finished answer, for a turn that is delivered again."""


class State(TypedDict):
    turn_id: str
    """Whose turn the rest is about: the resume rule looks here first."""
    work: Work
    messages: NotRequired[list[Message]]
    summary: NotRequired[Summary]
    last: NotRequired[Last]
    open_question: NotRequired[OpenQuestion | None]
    set_aside: NotRequired[list[str]]
    """Approvals that waited when the conversation started over: their buttons count, a bare "yes" means others."""


class Update(TypedDict, total=False):
    """What a node returns: the channels it replaces."""

    work: Work
    messages: list[Message]
    summary: Summary
    last: Last
    open_question: OpenQuestion | None
    set_aside: list[str]

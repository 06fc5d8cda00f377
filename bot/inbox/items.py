"""What can lie in the inbox: one class per thing the bot can be asked to do."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from agent.turn import Approve, Cancel, CarryOut, Language, RunSql, Said, ShownAs, StartOver
from bot.inbox.home_items import HomeDecision, HomeOpened, PaneOpened, SettingsChosen, SettingsOpened
from bot.inbox.item import InboxItem, control_lane


class TurnRequested(InboxItem):
    """Somebody said something to the bot, or pressed a button that means the same."""

    kind: Literal["turn"] = "turn"
    team: str
    channel: str
    thread_ts: str | None
    """Where the answer goes; None answers at the top level (a plain DM)."""
    user: str
    text: str
    surface: Literal["channel", "dm"]
    addressed: bool = True
    """False for a message in a thread that does not mention us: ours only where we already take part."""
    overheard: bool = False
    """True where questions are answered that nobody addressed to us."""
    external: bool | None = None
    """True when another company's people share the channel; None where nothing said whether they do."""
    pressed_on: str | None = None
    """The ts of the message whose button says `text`; None for what somebody typed."""
    message_ts: str | None = None
    """The ts of the message that says `text`, where there is one."""
    about: Said | None = None
    """The message that it was pressed on to be asked about."""
    unseen: bool = False
    """True where nobody can read the question (a command, a modal): the reply says who asked what."""
    preset: Annotated[Approve | Cancel | CarryOut | RunSql | StartOver, Field(discriminator="kind")] | None = None

    @property
    def turn_id(self) -> str:
        return self.dedupe_key

    @property
    def approval_id(self) -> str | None:
        """Of the approval that it speaks about."""
        return self.preset.approval_id if isinstance(self.preset, Approve | Cancel | CarryOut) else None


class StopRequested(InboxItem):
    """Stop what runs in another conversation. It lies in that conversation's control lane, so it never waits."""

    kind: Literal["stop"] = "stop"
    target: str
    """The conversation to stop."""
    otherwise: str | None = None
    """The conversation to stop where nothing runs in *target*."""
    turn_id: str | None = None
    """The turn that the pressed button stands under: one that nobody has begun is taken out of the line."""
    message_ts: str | None = None
    """Where that button stands."""
    user: str
    channel: str | None = None
    """Where to say that nothing was running; None says nothing."""
    thread_ts: str | None = None
    language: Language = "en"


class SqlViewRequested(InboxItem):
    """A modal was opened inside the trigger's three seconds; fill it with the SQL of an answer."""

    kind: Literal["sql_view"] = "sql_view"
    view_id: str
    turn_id: str
    user: str
    channel: str
    language: Language = "en"


class DecisionRequested(InboxItem):
    """A yes or a no to an approval, by its button or by a mark on its card. In a control lane: it waits for no turn."""

    kind: Literal["decision"] = "decision"
    approve: bool
    approval_id: str | None
    """The button's; None for a mark, which names the card only."""
    card_ts: str | None = None
    team: str
    channel: str
    thread_ts: str | None
    """Where to tell the person that their word does not count; unknown for a mark."""
    user: str
    language: Language | None = None
    """Of the card; unknown for a mark."""


class CardOutdated(InboxItem):
    """An approval was decided or ran out: its card still says that it waits."""

    kind: Literal["card"] = "card"
    approval_id: str


class TwinRequested(InboxItem):
    """A cheaper statement was pressed on an approval card."""

    kind: Literal["twin"] = "twin"
    turn_id: str
    """Of the answer that offers it."""
    index: int
    target: str
    """The conversation it is asked in."""
    team: str
    channel: str
    thread_ts: str | None
    user: str
    language: Language = "en"


class ResultFileRequested(InboxItem):
    """CSV or Excel was pressed below an answer. In a lane of the file's own: two presses never make it side by side."""

    kind: Literal["result_file"] = "result_file"
    turn_id: str
    """Of the answer."""
    format: Literal["csv", "xlsx"]
    channel: str
    thread_ts: str | None
    user: str
    language: Language = "en"


Reason: TypeAlias = Literal["wrong_numbers", "other_question", "hard_to_read", "slow_or_dear", "other"]
"""What somebody may find wrong with an answer."""


class FeedbackGiven(InboxItem):
    """Somebody said whether an answer was good. In a lane of theirs, beside the turns."""

    kind: Literal["feedback"] = "feedback"
    turn_id: str
    verdict: Literal["good", "bad"]
    reason: Reason | None = None
    """None while nobody gave one."""
    words: str = ""
    channel: str
    thread_ts: str | None
    user: str
    language: Language = "en"


class RefineRequested(InboxItem):
    """A modal was opened inside the trigger's three seconds; fill it with an answer's question and SQL."""

    kind: Literal["refine"] = "refine"
    view_id: str
    turn_id: str
    target: str
    """The conversation that the answer stands in."""
    channel: str
    thread_ts: str | None
    user: str
    language: Language = "en"


class ChartRequested(InboxItem):
    """Another form was selected below an answer. In a lane of the answer's own: the last one selected stays."""

    kind: Literal["chart"] = "chart"
    form: ShownAs
    channel: str
    ts: str
    """Of the answer."""
    above: tuple[str, ...] = ()
    """What stands above it in its message: who asked by pressing, why it is here. mrkdwn, our own."""
    thread_ts: str | None
    user: str
    language: Language = "en"


class ReceiptRequested(InboxItem):
    """A modal was opened inside the trigger's three seconds; fill it with the receipt of an answer."""

    kind: Literal["receipt"] = "receipt"
    view_id: str
    turn_id: str
    user: str
    channel: str
    language: Language = "en"


class ReceiptAsked(InboxItem):
    """Somebody wants the receipt of their last answer in a channel."""

    kind: Literal["receipt_asked"] = "receipt_asked"
    channel: str
    user: str
    address: str
    """Where whoever gave the command is answered; a secret for half an hour."""


class RunAgainRequested(InboxItem):
    """Somebody wants a fresh result in place of a kept one."""

    kind: Literal["run_again"] = "run_again"
    turn_id: str
    """Of the answer."""
    target: str
    """The conversation it is asked in."""
    team: str
    channel: str
    thread_ts: str | None
    user: str
    pressed_on: str
    language: Language = "en"


class CommandSpoken(InboxItem):
    """A question by a slash command, or a word that is a turn. In a lane of its own: it only gets the turn going."""

    kind: Literal["command"] = "command"
    team: str
    channel: str
    user: str
    text: str
    in_direct_message: bool
    """Between two people, or between one and the bot: Slack does not tell these apart."""
    preset: StartOver | None = None


class BudgetAsked(InboxItem):
    """Somebody wants to know what they may still spend."""

    kind: Literal["budget"] = "budget"
    team: str
    channel: str
    user: str
    address: str
    """Where whoever gave the command is answered; a secret for half an hour."""


class DiscardRequested(InboxItem):
    """Somebody threw a message of ours away, by a mark on it."""

    kind: Literal["discard"] = "discard"
    channel: str
    ts: str
    user: str


class ConsentGiven(InboxItem):
    """Somebody allows answers in a channel that another company shares."""

    kind: Literal["consent"] = "consent"
    turn_id: str
    """The turn that waits for it."""
    channel: str
    thread_ts: str | None
    card_ts: str
    user: str
    language: Language = "en"


class MessageEdited(InboxItem):
    """Somebody edited what they had said."""

    kind: Literal["edited"] = "edited"
    turn: TurnRequested
    """As if the new words had been said in the first place."""


class MessageDeleted(InboxItem):
    """Somebody deleted what they had said."""

    kind: Literal["deleted"] = "deleted"
    turn_id: str


class LongTaskRequested(InboxItem):
    """The example of a command with work in the background."""

    kind: Literal["long_task"] = "long_task"
    user: str
    seconds: int
    address: str


Item: TypeAlias = Annotated[
    TurnRequested
    | StopRequested
    | SqlViewRequested
    | DecisionRequested
    | CardOutdated
    | TwinRequested
    | ResultFileRequested
    | ReceiptRequested
    | ReceiptAsked
    | RunAgainRequested
    | ChartRequested
    | RefineRequested
    | FeedbackGiven
    | CommandSpoken
    | BudgetAsked
    | LongTaskRequested
    | DiscardRequested
    | ConsentGiven
    | MessageEdited
    | MessageDeleted
    | HomeOpened
    | PaneOpened
    | HomeDecision
    | SettingsOpened
    | SettingsChosen,
    Field(discriminator="kind"),
]
ITEM: TypeAdapter[Item] = TypeAdapter(Item)
FILE_LANES: Final = "file:"


def file_lane(turn_id: str, kind: str) -> str:
    return control_lane(f"{FILE_LANES}{kind}:{turn_id}")

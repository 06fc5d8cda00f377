"""What the bot can be asked to do, one line each. A new kind of item does not type-check until it is here."""

from typing import assert_never

from bot.approvals.cards import CardService
from bot.approvals.decisions import DecisionService
from bot.approvals.twins import TwinService
from bot.charts.service import ChartService
from bot.commands.budget_view import BudgetViewService
from bot.commands.long_task import LongTaskService
from bot.commands.questions import CommandQuestionService
from bot.consents.service import ConsentService
from bot.feedback import FeedbackService
from bot.home.greeting import GreetingService
from bot.home.pane import PaneService
from bot.home.service import HomeService
from bot.home.settings import SettingsService
from bot.inbox.attempt import Attempt
from bot.inbox.items import (
    BudgetAsked,
    CardOutdated,
    ChartRequested,
    CommandSpoken,
    ConsentGiven,
    DecisionRequested,
    DiscardRequested,
    FeedbackGiven,
    HomeDecision,
    HomeOpened,
    Item,
    LongTaskRequested,
    MessageDeleted,
    MessageEdited,
    PaneOpened,
    ReceiptAsked,
    ReceiptRequested,
    RefineRequested,
    ResultFileRequested,
    RunAgainRequested,
    SettingsChosen,
    SettingsOpened,
    SqlViewRequested,
    StopRequested,
    TurnRequested,
    TwinRequested,
)
from bot.receipts.service import ReceiptService
from bot.refine import RefineService
from bot.result_files.service import ResultFileService
from bot.run_again import RunAgainService
from bot.second_thoughts.discards import DiscardService
from bot.second_thoughts.edits import DeletionService, EditService
from bot.sql_view import SqlViewService
from bot.stop import StopService
from bot.turns import TurnService


class Dispatcher:
    """The worker pool's handler, and what tells people of an item that was given up."""

    def __init__(
        self,
        *,
        turns: TurnService,
        stop: StopService,
        sql_view: SqlViewService,
        decisions: DecisionService,
        cards: CardService,
        twins: TwinService,
        files: ResultFileService,
        receipts: ReceiptService,
        run_again: RunAgainService,
        charts: ChartService,
        refine: RefineService,
        feedback: FeedbackService,
        commands: CommandQuestionService,
        budget_view: BudgetViewService,
        long_tasks: LongTaskService,
        discards: DiscardService,
        greetings: GreetingService,
        consents: ConsentService,
        edits: EditService,
        deletions: DeletionService,
        home: HomeService,
        settings: SettingsService,
        pane: PaneService,
    ) -> None:
        self._turns = turns
        self._stop = stop
        self._sql_view = sql_view
        self._decisions = decisions
        self._cards = cards
        self._twins = twins
        self._files = files
        self._receipts = receipts
        self._run_again = run_again
        self._charts = charts
        self._refine = refine
        self._feedback = feedback
        self._commands = commands
        self._budget_view = budget_view
        self._long_tasks = long_tasks
        self._discards = discards
        self._greetings = greetings
        self._consents = consents
        self._edits = edits
        self._deletions = deletions
        self._home = home
        self._settings = settings
        self._pane = pane

    async def __call__(self, attempt: Attempt) -> None:  # noqa: PLR0912  # the table of contents
        match attempt.item:
            case TurnRequested() as item:
                await self._turns.run(item, attempt=attempt.claim.attempt, stoppable=attempt.stoppable)
                await self._cards.catch_up(item)
            case StopRequested() as item:
                await self._stop.run(item)
            case SqlViewRequested() as item:
                await self._sql_view.run(item)
            case DecisionRequested() as item:
                await self._decisions.run(item)
            case CardOutdated() as item:
                await self._cards.run(item)
            case TwinRequested() as item:
                await self._twins.run(item)
            case ResultFileRequested() as item:
                await self._files.run(item, stoppable=attempt.stoppable)
            case ReceiptRequested() | ReceiptAsked() as item:
                await self._receipts.run(item)
            case RunAgainRequested() as item:
                await self._run_again.run(item)
            case ChartRequested() as item:
                await self._charts.run(item)
            case RefineRequested() as item:
                await self._refine.run(item)
            case FeedbackGiven() as item:
                await self._feedback.run(item)
            case CommandSpoken() as item:
                await self._commands.run(item, attempt=attempt.claim.attempt)
            case BudgetAsked() as item:
                await self._budget_view.run(item)
            case LongTaskRequested() as item:
                await self._long_tasks.run(item)
            case DiscardRequested() as item:
                await self._discards.run(item)
            case ConsentGiven() as item:
                await self._consents.run(item)
            case MessageEdited() as item:
                await self._edits.run(item)
            case MessageDeleted() as item:
                await self._deletions.run(item)
            case HomeOpened() | HomeDecision() | SettingsChosen() as item:
                await self._home.run(item)
            case SettingsOpened() as item:
                await self._settings.run(item)
            case PaneOpened() as item:
                await self._pane.run(item)
                await self._greetings.run(item, attempt=attempt.claim.attempt)
            case _ as item:
                assert_never(item)

    async def give_up(self, item: Item, error: Exception) -> None:  # noqa: PLR0912
        """Nobody will try *item* again."""
        match item:
            case TurnRequested():
                await self._turns.give_up(item, error)
            case SqlViewRequested():
                await self._sql_view.give_up(item)
            case DecisionRequested():
                await self._decisions.give_up(item)
            case CardOutdated():
                await self._cards.give_up(item)
            case TwinRequested():
                await self._twins.give_up(item)
            case ResultFileRequested():
                await self._files.give_up(item)
            case ReceiptRequested() | ReceiptAsked():
                await self._receipts.give_up(item)
            case RunAgainRequested():
                await self._run_again.give_up(item)
            case ChartRequested():
                await self._charts.give_up(item)
            case RefineRequested():
                await self._refine.give_up(item)
            case FeedbackGiven():
                await self._feedback.give_up(item)
            case CommandSpoken():
                await self._commands.give_up(item)
            case BudgetAsked():
                await self._budget_view.give_up(item)
            case LongTaskRequested():
                await self._long_tasks.give_up(item)
            case DiscardRequested():
                await self._discards.give_up(item)
            case ConsentGiven():
                await self._consents.give_up(item)
            case MessageEdited() | MessageDeleted():
                return  # the question is answered as it was first put
            case HomeOpened() | HomeDecision() | SettingsChosen():
                await self._home.give_up(item)
            case SettingsOpened():
                await self._settings.give_up(item)
            case PaneOpened():
                await self._pane.give_up(item)
            case StopRequested():
                return  # the person sees that the turn went on, and can press again
            case _:
                assert_never(item)

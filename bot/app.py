"""Composition root: the one place that knows every concrete class. Each function reads from top to bottom."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from agent.analyst import Analyst
from agent.context import Services
from agent.sql.googlesql.thread import EngineThread
from bot.agent_settings import (
    price,
)
from bot.approvals.calls import CallService
from bot.approvals.cards import CardService, keep_cards_current
from bot.approvals.decisions import DecisionService
from bot.approvals.twins import TwinService
from bot.asides import AsideService
from bot.channel_settings import channel_rules
from bot.charts.pictures import Painter
from bot.charts.preferred import PreferredForms
from bot.charts.service import ChartService
from bot.choices import ChoiceService
from bot.commands.budget_view import BudgetViewService
from bot.commands.long_task import LongTaskService
from bot.commands.questions import CommandQuestionService
from bot.consents.gate import ConsentGate
from bot.consents.service import ConsentService
from bot.dispatch import Dispatcher
from bot.feedback import FeedbackService
from bot.freshness import DatedAnswers
from bot.home.connections import ConnectionsView
from bot.home.greeting import GreetingService
from bot.home.pane import PaneService
from bot.home.service import HomeService, HomeSources
from bot.home.settings import SettingsService
from bot.inbox.worker import WorkerPool
from bot.kept_work import keep
from bot.metrics.meters import Meters
from bot.open_analyst import now, results_of
from bot.open_core import open_core, open_storage
from bot.open_watch import open_meters, open_traces, watch_outages
from bot.preferences import PeopleWithPreferences
from bot.queue_signs import QueueSigns
from bot.receipts.service import ReceiptService
from bot.receipts.table_ages import TableAges
from bot.refine import RefineService
from bot.result_files.access import FileAccess
from bot.result_files.service import FileLimits, ResultFileService
from bot.run_again import RunAgainService
from bot.second_thoughts.discards import DiscardService
from bot.second_thoughts.edits import DeletionService, EditService
from bot.settings import Settings
from bot.shown_answer import ShownAnswers
from bot.slack.app import build_app
from bot.slack.cards import SlackCards
from bot.slack.client import PatientClient, open_client
from bot.slack.consents import SlackConsentFaces, SlackConsentRequests
from bot.slack.desk import Desk
from bot.slack.direct import SlackDirectMessages
from bot.slack.files import SlackFiles
from bot.slack.greetings import SlackGreetings
from bot.slack.groups import SlackGroups
from bot.slack.home import SlackHomeTabs, SlackSettingsViews
from bot.slack.identity import ask_identity
from bot.slack.illustrator import Illustrator
from bot.slack.long_answers import LongAnswers
from bot.slack.marks import SlackMarks
from bot.slack.noticeboard import SlackNoticeboard
from bot.slack.panes import SlackPanes
from bot.slack.people import SlackPeople
from bot.slack.presenter import SlackPresenter
from bot.slack.questions import SlackQuestions
from bot.slack.queue_sign import SlackQueueSign
from bot.slack.receipts import SlackReceipts
from bot.slack.refinements import SlackRefineViews
from bot.slack.removals import SlackRemovals
from bot.slack.responses import SlackResponses
from bot.slack.rooms import SlackRooms
from bot.slack.session_presenter import SessionPresenter
from bot.slack.sessions import Sessions
from bot.slack.socket import SocketHandler
from bot.slack.streams import Streams
from bot.slack.threads import SlackThreads
from bot.slack.views import SlackSqlViews
from bot.slack.whispers import SlackWhispers
from bot.sql_view import SqlViewService
from bot.stop import StopService
from bot.storage.approvals import PostgresApprovals
from bot.storage.audit import PostgresAudit
from bot.storage.budgets import PostgresBudgets
from bot.storage.consents import PostgresConsents
from bot.storage.database import Database
from bot.storage.feedback import PostgresFeedback
from bot.storage.inbox import PostgresInbox
from bot.storage.line import PostgresLine
from bot.storage.preferences import PostgresPreferences
from bot.storage.recent_questions import PostgresQuestions
from bot.storage.replies import PostgresReplies
from bot.storage.result_files import PostgresDeliveries
from bot.tracing.tracing import Tracing
from bot.turns import TurnService
from bot.vitals import VitalSigns
from bot.working_mark import WorkingMark


@dataclass(frozen=True, slots=True)
class App:
    """What the daemon starts and stops."""

    socket: SocketHandler
    workers: WorkerPool
    engine: EngineThread
    vitals: VitalSigns


@dataclass(frozen=True, slots=True)
class Desktop:
    """An analyst without Slack, for botctl."""

    analyst: Analyst
    services: Services
    engine: EngineThread


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncGenerator[App]:
    """The whole daemon, wired and not yet started. Raises ConfigurationError, WrongToken, or what is transient."""
    bot_token, app_token = _slack_tokens(settings)
    async with AsyncExitStack() as stack:
        vitals = VitalSigns()
        meters = await open_meters(stack, settings, vitals)
        traces = await open_traces(stack, settings)
        core = await open_core(stack, settings, meters, traces)
        database, warehouse = core.database, core.warehouse

        slack = await stack.enter_async_context(
            open_client(
                bot_token,
                base_url=settings.slack_api_url,
                on_request=meters.slack_called,
                around_call=traces.slack_call,
            )
        )
        me = await ask_identity(slack)
        inbox = meters.inbox(await stack.enter_async_context(PostgresInbox(database).listening()))
        replies = _replies(settings, database)
        whispers = SlackWhispers(slack)
        slacks_people = SlackPeople(slack, me)
        preferences = PostgresPreferences(database)
        people = PeopleWithPreferences(slacks_people, preferences)
        rooms = SlackRooms(slack, slacks_people, SlackGroups(slack), members_limit=settings.channel_members_limit)

        desk = Desk(slack, bot_user=me.bot_user)
        streams = Streams(slack, me)
        stack.push_async_callback(streams.close)
        files = SlackFiles(slack)
        painter = Painter(settings.cache_dir / "matplotlib")
        illustrator = Illustrator(slack, files, results_of(settings, database), replies, painter)
        presenter = SlackPresenter(desk, replies, streams, illustrator=illustrator, long_answers=LongAnswers(files))
        direct = SlackDirectMessages(slack, desk, illustrator, LongAnswers(files))
        responses = SlackResponses(slack)
        removals = SlackRemovals(slack)

        rules = channel_rules(settings)
        consents = PostgresConsents(database)
        board = SlackNoticeboard(slack, settings.slack_channel, settings.slack_notice_language)
        watch_outages(
            stack, settings, vitals=vitals, meters=meters, database=database, board=_ops_board(slack, settings)
        )
        ages = TableAges(warehouse)
        turns = TurnService(
            analyst=traces.answers(meters.answers(PreferredForms(_dated(settings, core.analyst, ages)))),
            presenter=traces.presenter(meters.presenter(SessionPresenter(presenter, Sessions(slack)), now)),
            replies=replies,
            asides=AsideService(replies=replies, direct=direct),
            choices=ChoiceService(replies=replies, surface=presenter),
            people=people,
            rooms=rooms,
            threads=SlackThreads(slack, bot_user=me.bot_user),
            mark=WorkingMark(SlackMarks(slack)),
            consent=ConsentGate(consents=consents, rooms=rooms, requests=SlackConsentRequests(desk, replies)),
            whispers=whispers,
            board=board,
            rules=rules,
        )
        signs = QueueSigns(line=PostgresLine(database), surface=presenter, people=people, rules=rules)
        keep(stack, "queue-signs", signs.run())
        approvals = PostgresApprovals(database)
        keep(stack, "approval-cards", keep_cards_current(approvals, inbox))
        decisions = DecisionService(
            approvals=approvals, replies=replies, inbox=inbox, rooms=rooms, people=people, whispers=whispers
        )
        purse = PostgresBudgets(database, ZoneInfo(settings.budget_time_zone))
        questions = PostgresQuestions(database)
        home_sources = HomeSources(
            questions=questions,
            pending=approvals,
            purse=purse,
            connections=_connections(settings, core.services),
            people=people,
            rooms=rooms,
            replies=replies,
        )
        shown = ShownAnswers(replies=replies, rooms=rooms)
        dispatcher = Dispatcher(
            turns=turns,
            decisions=decisions,
            cards=CardService(
                approvals=approvals,
                states=approvals,
                replies=replies,
                faces=SlackCards(slack),
                calls=CallService(approvals=approvals, replies=replies, rooms=rooms, people=people, direct=direct),
            ),
            twins=TwinService(replies=replies, inbox=inbox, whispers=whispers),
            stop=StopService(inbox=inbox, whispers=whispers, sign=SlackQueueSign(slack)),
            sql_view=SqlViewService(replies=replies, views=SlackSqlViews(slack), rooms=rooms),
            files=ResultFileService(
                access=FileAccess(replies=replies, results=results_of(settings, database), rooms=rooms),
                deliveries=PostgresDeliveries(database),
                warehouse=warehouse,
                desk=files,
                whispers=whispers,
                limits=FileLimits(settings.cache_dir / "result-files", settings.result_file_max_bytes),
            ),
            receipts=ReceiptService(
                shown=shown,
                last=replies,
                ledger=PostgresAudit(database),
                ages=ages,
                views=SlackReceipts(slack, responses),
                responses=responses,
                people=people,
                usd_per_tib=price(settings).usd_per_tib,
            ),
            run_again=RunAgainService(shown=shown, inbox=inbox, whispers=whispers),
            feedback=FeedbackService(shown=shown, store=PostgresFeedback(database), whispers=whispers),
            refine=RefineService(shown=shown, views=SlackRefineViews(slack)),
            charts=ChartService(replies=replies, shown=shown, surface=presenter, whispers=whispers),
            commands=CommandQuestionService(
                inbox=inbox,
                questions=SlackQuestions(desk),
                direct=direct,
                people=people,
                whispers=whispers,
                rules=rules,
            ),
            budget_view=BudgetViewService(
                purse=purse,
                people=people,
                rooms=rooms,
                responses=responses,
                now=now,
            ),
            long_tasks=LongTaskService(responses=responses, people=people),
            greetings=GreetingService(replies=replies, people=people, greetings=SlackGreetings(desk, replies)),
            discards=DiscardService(
                replies=replies, removals=removals, attachments=LongAnswers(files), people=people, whispers=whispers
            ),
            consents=ConsentService(
                consents=consents,
                inbox=inbox,
                rooms=rooms,
                faces=SlackConsentFaces(slack),
                whispers=whispers,
                board=board,
                named=settings.slack_external_consent_by,
            ),
            edits=EditService(inbox=inbox, replies=replies, people=people, whispers=whispers),
            deletions=DeletionService(inbox=inbox, replies=replies, removals=removals),
            home=HomeService(
                sources=home_sources,
                tabs=SlackHomeTabs(slack),
                approvals=approvals,
                decisions=decisions,
                preferences=preferences,
                now=now,
            ),
            settings=SettingsService(preferences=preferences, views=SlackSettingsViews(slack)),
            pane=PaneService(
                questions=questions, people=people, panes=SlackPanes(slack), suggested=settings.suggested_prompts
            ),
        )
        workers = WorkerPool(
            inbox,
            traces.handler(dispatcher),
            traces.on_buried(dispatcher.give_up),
            size=settings.workers,
            drain_seconds=settings.drain_seconds,
            after_claim=signs.look,
        )
        app = build_app(slack, me, inbox=inbox, whispers=whispers, people=people, rooms=rooms, rules=rules)
        socket = SocketHandler(app, app_token, web_client=slack, on_envelope=meters.envelope_handled)
        _show(vitals, core.engine, socket)
        stack.push_async_callback(socket.close)
        yield App(socket, workers, core.engine, vitals)


@asynccontextmanager
async def open_desktop(settings: Settings) -> AsyncGenerator[Desktop]:
    """The analyst with its storage, as the daemon has it."""
    async with AsyncExitStack() as stack:
        # nobody reads what is counted here, and a trace would have no item to begin with
        core = await open_core(stack, settings, Meters(VitalSigns()), Tracing())
        yield Desktop(core.analyst, core.services, core.engine)


@asynccontextmanager
async def open_records(settings: Settings) -> AsyncGenerator[Database]:
    """The database alone, for commands that look at what is written down."""
    async with AsyncExitStack() as stack:
        yield await open_storage(stack, settings)


def _slack_tokens(settings: Settings) -> tuple[str, str]:
    bot_token, app_token = settings.slack_bot_token, settings.slack_app_token
    assert bot_token is not None, "require_daemon_settings has looked"
    assert app_token is not None, "require_daemon_settings has looked"
    return bot_token.get_secret_value(), app_token.get_secret_value()


def _ops_board(slack: PatientClient, settings: Settings) -> SlackNoticeboard:
    return SlackNoticeboard(slack, settings.slack_ops_channel or settings.slack_channel, settings.slack_notice_language)


def _show(vitals: VitalSigns, engine: EngineThread, socket: SocketHandler) -> None:
    vitals.engine = lambda: engine.state
    vitals.connected_since, vitals.pong_age = lambda: socket.connected_since, socket.pong_age


def _connections(settings: Settings, services: Services) -> ConnectionsView:
    project = settings.bigquery_project
    assert project is not None, "require_agent_settings has looked"
    return ConnectionsView(project=project, model=settings.openai_model, ask_warehouse=services.catalog.tables)


def _replies(settings: Settings, database: Database) -> PostgresReplies:
    # an answer holds the first rows of its result: it is kept as long, and no longer
    return PostgresReplies(database, keep_answers=timedelta(days=settings.result_ttl_days))


def _dated(settings: Settings, analyst: Analyst, ages: TableAges) -> DatedAnswers:
    hours = settings.bigquery_stale_after_hours
    return DatedAnswers(analyst, ages, stale_after=timedelta(hours=hours) if hours else None, now=now)

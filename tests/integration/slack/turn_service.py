"""A TurnService on a local workspace: Slack's side is real, what is kept is in memory."""

from bot.asides import AsideService
from bot.choices import ChoiceService
from bot.consents.gate import ConsentGate
from bot.slack.client import PatientClient
from bot.slack.consents import SlackConsentRequests
from bot.slack.desk import Desk
from bot.slack.direct import SlackDirectMessages
from bot.slack.identity import Identity
from bot.slack.marks import SlackMarks
from bot.slack.noticeboard import SlackNoticeboard
from bot.slack.people import SlackPeople
from bot.slack.presenter import SlackPresenter
from bot.slack.rooms import SlackRooms
from bot.slack.threads import SlackThreads
from bot.slack.whispers import SlackWhispers
from bot.turns import Answers, TurnService
from bot.working_mark import WorkingMark
from tests.fakes.consents import FakeConsents
from tests.fakes.replies import FakeReplies


def turn_service(
    client: PatientClient,
    me: Identity,
    *,
    analyst: Answers,
    desk: Desk,
    presenter: SlackPresenter,
    replies: FakeReplies,
    people: SlackPeople,
    rooms: SlackRooms,
) -> TurnService:
    return TurnService(
        analyst=analyst,
        presenter=presenter,
        replies=replies,
        asides=AsideService(replies=replies, direct=SlackDirectMessages(client, desk)),
        choices=ChoiceService(replies=replies, surface=presenter),
        people=people,
        rooms=rooms,
        threads=SlackThreads(client, bot_user=me.bot_user),
        mark=WorkingMark(SlackMarks(client)),
        consent=ConsentGate(consents=FakeConsents(), rooms=rooms, requests=SlackConsentRequests(desk, replies)),
        whispers=SlackWhispers(client),
        board=SlackNoticeboard(client, None),
    )

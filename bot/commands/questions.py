"""What a slash command says: it stands nowhere in Slack, so it is posted first, and answered in the thread below."""

from typing import Protocol

import structlog

from agent.notice import Notice
from bot.channel_rules import EVERYWHERE, ChannelRules
from bot.inbox.inbox import Inbox
from bot.inbox.items import CommandSpoken, TurnRequested
from bot.surface import DirectMessages, People, Place, Whispers

log = structlog.get_logger(__name__)


class Questions(Protocol):
    async def post(self, place: Place, question: str, *, may_exist: bool) -> str | None:
        """Post *question* as asked by the place's user; its ts, or None where the channel is closed to us.

        `may_exist`: an earlier attempt may have posted it and had no time to go on.
        """
        ...


class CommandQuestionService:
    def __init__(
        self,
        *,
        inbox: Inbox,
        questions: Questions,
        direct: DirectMessages,
        people: People,
        whispers: Whispers,
        rules: ChannelRules = EVERYWHERE,
    ) -> None:
        self._inbox = inbox
        self._questions = questions
        self._direct = direct
        self._people = people
        self._whispers = whispers
        self._rules = rules

    async def run(self, item: CommandSpoken, *, attempt: int) -> None:
        """May be called again: the question is posted once, and its turn has a key of its own."""
        is_private = item.in_direct_message or not self._rules.answers_in(item.channel)
        turn = None if is_private else await self._in_channel(item, attempt)
        turn = turn or await self._in_direct_message(item)
        if turn is None:
            log.warning("command.nowhere_to_answer", channel=item.channel, user=item.user)
        else:
            await self._inbox.put(turn)

    async def give_up(self, item: CommandSpoken) -> None:
        person = await self._people.find(item.user)
        language = person.language_for(item.text)
        await self._whispers.whisper(item.channel, item.user, Notice("turn.busy"), language)

    async def _in_channel(self, item: CommandSpoken, attempt: int) -> TurnRequested | None:
        person = await self._people.find(item.user)
        place = Place(
            turn_id=item.dedupe_key,
            conversation=item.conversation,
            channel=item.channel,
            thread_ts=None,
            user=item.user,
            asked_at=float(item.spoken_at),
            language=person.language_for(item.text),
        )
        ts = await self._questions.post(place, item.text, may_exist=attempt > 1)
        return None if ts is None else _turn(item, item.channel, ts)

    async def _in_direct_message(self, item: CommandSpoken) -> TurnRequested | None:
        """Theirs with the bot, which is no part of one between two people and cannot post where it was not invited.

        Also from a channel in which nothing is answered.
        """
        channel = await self._direct.open(item.user)
        return None if channel is None else _turn(item, channel, None)


def _turn(item: CommandSpoken, channel: str, thread_ts: str | None) -> TurnRequested:
    return TurnRequested(
        dedupe_key=f"said:{item.dedupe_key}",
        conversation=f"{item.team}:{channel}:{thread_ts}" if thread_ts else f"{item.team}:{channel}",
        spoken_at=item.spoken_at,
        team=item.team,
        channel=channel,
        thread_ts=thread_ts,
        message_ts=thread_ts,
        user=item.user,
        text=item.text,
        surface="channel" if thread_ts else "dm",
        unseen=thread_ts is None and item.preset is None,
        preset=item.preset,
    )

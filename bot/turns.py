"""A turn: somebody asks, a reply opens at once, the analyst answers, the answer takes the reply's place."""

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import Final, Protocol

import structlog

from agent.errors import AgentError
from agent.notice import Notice
from agent.turn import Actor, Answer, OnProgress, Progress, Said, Step, Turn
from bot.asides import AsideService
from bot.channel_rules import EVERYWHERE, ChannelRules
from bot.choices import ChoiceService
from bot.consents.gate import ConsentGate
from bot.inbox.attempt import StoppedByPerson
from bot.inbox.items import TurnRequested
from bot.inbox.retry import Dropped
from bot.noticeboard import Noticeboard
from bot.replies import Replies, decode_answer, encode_answer
from bot.surface import Draft, People, Person, Place, Presenter, Rooms, Threads, Whispers
from bot.turn_line import TurnLine
from bot.working_mark import WorkingMark

log = structlog.get_logger(__name__)

LONGEST_QUESTION: Final = 12_000
"""Characters. Slack lets people post 40 000; beyond this it is a document, not a question."""

Stoppable = Callable[[], AbstractAsyncContextManager[None]]
"""`async with stoppable():` a person's Stop cancels what runs inside and leaves the block as StoppedByPerson."""


class Answers(Protocol):
    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer: ...

    async def tidy(self, turn: Turn) -> None: ...

    async def stop(self, turn: Turn) -> Answer: ...


def reference_of(turn_id: str) -> str:
    """The number that a person is shown and an operator finds in the log: the same each time it is told."""
    return hashlib.sha256(turn_id.encode()).hexdigest()[:8].upper()


class TurnService:
    def __init__(
        self,
        *,
        analyst: Answers,
        presenter: Presenter,
        replies: Replies,
        asides: AsideService,
        choices: ChoiceService,
        people: People,
        rooms: Rooms,
        threads: Threads,
        mark: WorkingMark,
        consent: ConsentGate,
        whispers: Whispers,
        board: Noticeboard,
        rules: ChannelRules = EVERYWHERE,
    ) -> None:
        self._analyst = analyst
        self._presenter = presenter
        self._replies = replies
        self._asides = asides
        self._choices = choices
        self._people = people
        self._rooms = rooms
        self._threads = threads
        self._mark = mark
        self._consent = consent
        self._whispers = whispers
        self._board = board
        self._rules = rules

    async def run(self, item: TurnRequested, *, attempt: int, stoppable: Stoppable) -> None:
        """Answer *item*, or continue where an earlier attempt stopped. Transient errors escape, to be tried again."""
        line = TurnLine(item, attempt)
        if not item.addressed and not item.overheard and not await self._replies.has_joined(item.conversation):
            line.unheard()
            return
        person = await self._people.find(item.user)
        place = _place(item, person)
        if await self._is_turned_away(item, place, attempt):
            if item.addressed:
                line.ended("refused", why="not_here")
            else:
                line.unheard()
            return
        answered: Turn | None = None
        async with AsyncExitStack() as stack:
            mark = self._mark.on(item.channel, item.message_ts)
            reply = _LazyReply(stack, self._presenter, place, may_exist=attempt > 1, beside=mark, line=line)
            if item.addressed:
                await reply.open()
            await self._choices.settle(item)
            if item.preset is None and not item.text:
                await reply.say_help()
                line.ended("answered", why="help")
            elif len(item.text) > LONGEST_QUESTION:
                limit = {"length": len(item.text), "limit": LONGEST_QUESTION}
                await reply.say(Notice("turn.too_long", limit))
                line.ended("refused", why="too_long")
            elif (answer := await self._stored_answer(item)) is not None:
                await self._finish(await reply.open(), place, answer, None)
                line.answered(answer)
            else:
                answered = await self._answer(item, person, reply, stoppable, line)
        if answered is not None:
            await self._analyst.tidy(answered)  # the reply stands: nobody waits for this

    async def give_up(self, item: TurnRequested, error: Exception) -> None:
        """Tell the person that no more attempts will be made. May be called again: the reply is the same one."""
        reference = reference_of(item.dedupe_key)
        line = TurnLine(item)
        if not isinstance(error, Dropped):
            log.error("turn.gave_up", reference=reference, turn=item.dedupe_key, error=type(error).__name__)
        reply = await self._replies.find(item.dedupe_key)
        if not item.addressed and reply is None:
            return
        await self._mark.remove(item.channel, item.message_ts)
        place = _place(item, await self._people.find(item.user))
        async with self._presenter.open(place, may_exist=True) as draft:
            # Computed and not delivered in time: an answer that comes late is better than an apology.
            if (answer := await self._stored_answer(item)) is not None:
                await draft.finish(await self._asides.deliver(place, answer, is_last=True), None)
                line.answered(answer)
                return
            await draft.say(*_apology(error, reference))
        if isinstance(error, Dropped):
            line.ended("stopped", why="dropped")
            return
        line.ended("failed", why=type(error).__name__)
        await self._board.post(Notice("board.gave_up", {"reference": reference}))  # who asked first

    async def _is_turned_away(self, item: TurnRequested, place: Place, attempt: int) -> bool:
        """Nothing is answered in this channel, or nothing before a colleague allows it: who asked us is told."""
        if item.surface == "channel" and not self._rules.answers_in(item.channel):
            await self._say_not_here(item, place, attempt)
            return True
        if await self._consent.lets_through(item):
            return False
        if item.addressed:
            await self._consent.ask(place, may_exist=attempt > 1)
        return True

    async def _say_not_here(self, item: TurnRequested, place: Place, attempt: int) -> None:
        """To who asked alone; but where a sign stands that the question is queued, in its place."""
        not_here = Notice("channel.not_here")
        reply = await self._replies.find(item.dedupe_key)
        if reply is not None and reply.ts is not None:
            async with self._presenter.open(place, may_exist=attempt > 1) as draft:
                await draft.say(not_here)
        elif item.addressed:
            await self._whispers.whisper(item.channel, item.user, not_here, place.language, thread_ts=item.thread_ts)

    async def _finish(self, draft: Draft, place: Place, answer: Answer, seconds: float | None) -> None:
        """What the asker alone may see first: the thread then says truly what became of it."""
        await draft.finish(await self._asides.deliver(place, answer), seconds)

    async def _stored_answer(self, item: TurnRequested) -> Answer | None:
        """The answer that an earlier attempt computed and could not deliver."""
        reply = await self._replies.find(item.dedupe_key)
        if reply is None or reply.answer is None:
            return None
        try:
            return decode_answer(reply.answer)
        except ValueError:  # written by another version; the analyst's checkpoint has the answer too
            log.warning("turn.stored_answer_unreadable", turn=item.dedupe_key)
            return None

    async def _answer(
        self, item: TurnRequested, person: Person, reply: "_LazyReply", stoppable: Stoppable, line: TurnLine
    ) -> Turn:
        started = time.monotonic()
        turn = await self._turn(item, person)
        try:
            async with stoppable():
                answer = await self._analyst.answer(turn, reply.show)
        except StoppedByPerson:
            log.info("turn.stopped", turn=turn.id)
            answer = await self._analyst.stop(turn)
        except AgentError as error:
            # What will be tried again is said, so that the person does not stare at a step that stands still.
            if error.is_transient:
                await reply.say(error.notice, Notice("turn.trying_again"))
            raise
        seconds = time.monotonic() - started
        if answer.is_for_us:
            draft = await reply.open()
            # Kept before it is shown: from here on a crash or an outage of Slack cannot lose it.
            await self._replies.keep_answer(turn.id, encode_answer(answer))
            await self._finish(draft, reply.place, answer, seconds)
        line.answered(answer)
        return turn

    async def _turn(self, item: TurnRequested, person: Person) -> Turn:
        audience = await self._rooms.audience(
            item.channel, item.user, kind="asker" if item.surface == "dm" else "channel"
        )
        if item.external:
            audience = replace(audience, external=True)  # the event itself said so
        thread: tuple[Said, ...] = ()
        if item.thread_ts is not None and item.preset is None:
            thread = await self._threads.earlier(item.channel, item.thread_ts, before=str(item.spoken_at))
        if item.about is not None and item.about not in thread:
            thread = (*thread, item.about)  # it may stand above our last reply, where the thread is not read any more
        return Turn(
            id=item.dedupe_key,
            conversation=item.conversation,
            actor=Actor(item.user, item.team, person.locale, person.time_zone, person.preferences),
            audience=audience,
            text=item.text,
            addressed=item.addressed,
            thread=thread,
            preset=item.preset,
        )


def _apology(error: Exception, reference: str) -> tuple[Notice, ...]:
    if isinstance(error, Dropped):
        return (Notice("turn.dropped"),)
    notice = error.notice if isinstance(error, AgentError) else Notice("error.unexpected")
    return notice, Notice("turn.reference", {"reference": reference})


class _LazyReply:
    """A reply that is opened once: at once when we were spoken to, else when the message turns out to be for us."""

    def __init__(
        self,
        stack: AsyncExitStack,
        presenter: Presenter,
        place: Place,
        *,
        may_exist: bool,
        beside: AbstractAsyncContextManager[None],
        line: TurnLine,
    ) -> None:
        """*beside* is entered when the reply is opened."""
        self._stack = stack
        self._presenter = presenter
        self.place = place
        self._may_exist = may_exist
        self._beside = beside
        self._line = line
        self._draft: Draft | None = None

    async def open(self) -> Draft:
        if self._draft is None:
            # The mark first: it is there at once, also where the channel has no room for another post just now.
            await self._stack.enter_async_context(self._beside)
            opening = self._presenter.open(self.place, may_exist=self._may_exist)
            self._draft = await self._stack.enter_async_context(opening)
            self._line.sign_shown()
        return self._draft

    async def show(self, progress: Progress) -> None:
        # The first step only finds out whether anybody spoke to us; the ones behind it mean that somebody did.
        if self._draft is None and progress.step is Step.UNDERSTAND:
            return
        await (await self.open()).show(progress)

    async def say(self, *notices: Notice) -> None:
        """Nothing is said into a conversation where nobody spoke to us."""
        if self._draft is not None:
            await self._draft.say(*notices)

    async def say_help(self) -> None:
        if self._draft is not None:
            await self._draft.help()


def _place(item: TurnRequested, person: Person) -> Place:
    return Place(
        turn_id=item.dedupe_key,
        conversation=item.conversation,
        channel=item.channel,
        thread_ts=item.thread_ts,
        user=item.user,
        asked_at=float(item.spoken_at),
        language=person.language_for(item.text),
        pressed=item.text if item.pressed_on is not None or item.unseen else "",
        said_at=item.message_ts,
        title=item.text,
    )

"""What a turn needs of the place where people talk: who asks, who listens, and where the answer stands."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from agent.language import language_of
from agent.notice import Notice
from agent.turn import Answer, Audience, Language, Preferences, Progress, Said


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reply goes, and for whom."""

    turn_id: str
    conversation: str
    channel: str
    thread_ts: str | None
    user: str
    asked_at: float
    """Unix seconds; the reply cannot be older."""
    language: Language
    pressed: str = ""
    """What was asked by pressing a button: nobody typed it, so the reply says who asked what."""
    said_at: str | None = None
    """The ts of the message that asks, where there is one."""
    title: str = ""
    """What was asked, for a surface that names conversations."""


class Draft(Protocol):
    """The reply while it is worked on. Every ending (`finish`, `say`, `help`) takes the place of what was shown."""

    async def show(self, progress: Progress) -> None:
        """Show a step; returns at once, what is shown follows at its own pace."""
        ...

    async def finish(self, answer: Answer, seconds: float | None) -> None: ...
    async def say(self, *notices: Notice) -> None: ...
    async def help(self) -> None: ...


class Presenter(Protocol):
    def open(self, place: Place, *, may_exist: bool) -> AbstractAsyncContextManager[Draft]:
        """Post the reply, or find the one that stands there already; its place is in Replies when this enters.

        `may_exist` is True from the second attempt on: a reply may stand there that nobody had time to write down.
        """
        ...


class Redraw(Protocol):
    async def redraw(self, channel: str, ts: str, answer: Answer) -> None:
        """Show *answer* where an older version of it stands. Best effort: a message that is gone is left alone."""
        ...


class Whispers(Protocol):
    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        """Tell *user* alone; best effort, never raises."""
        ...


class DirectMessages(Protocol):
    """What only one person reads."""

    async def open(self, user: str) -> str | None:
        """The channel of the bot's conversation with *user*; None where they take none from it."""
        ...

    async def send(self, place: Place, answer: Answer, *, asked_in: Place, may_exist: bool) -> str | None:
        """Post *answer* at *place*, with a link to where it was asked; its ts, or None where Slack refuses.

        `may_exist`: an earlier attempt may have posted it and had no time to write that down.
        """
        ...


@dataclass(frozen=True, slots=True)
class Person:
    locale: str = "en-US"
    time_zone: str = "UTC"
    preferences: Preferences = field(default_factory=Preferences)

    def language_for(self, text: str) -> Language:
        """The one they chose, else that of *text*."""
        return self.preferences.language or language_of(text, self.locale)


class People(Protocol):
    async def find(self, user: str) -> Person:
        """What is known about *user*; the default where Slack does not say. Never raises."""
        ...


class Rooms(Protocol):
    async def audience(self, channel: str, user: str, *, kind: Literal["asker", "channel"]) -> Audience:
        """Who will see what is said to *user* in *channel*. Never raises: who cannot be told counts as a stranger."""
        ...

    async def is_shared(self, channel: str) -> bool:
        """Whether another company shares *channel*. False also where nobody can say: there `audience` has strangers."""
        ...

    async def holds(self, channel: str, user: str) -> bool:
        """True when *user* is in *channel*, or it is too large to tell. False also where nobody can say."""
        ...


class Threads(Protocol):
    async def earlier(self, channel: str, thread_ts: str, before: str) -> tuple[Said, ...]:
        """What was said in the thread since our last reply there and before *before*. Never raises."""
        ...

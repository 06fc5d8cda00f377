"""What a person's Home tab holds, and where it is read from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.notice import Notice
from agent.policy.approvals import Approval
from agent.turn import Language, Preferences


@dataclass(frozen=True, slots=True)
class RecentQuestion:
    """Something a person asked, and where the answer stands."""

    text: str
    """With personal data masked, as the audit keeps it."""
    asked_at: datetime
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class OpenApproval:
    """A query that waits for a word, as one person sees it."""

    approval: Approval
    may_decide: bool
    """False for a question of their own that somebody else decides on."""
    channel: str = ""
    ts: str | None = None
    """Where its card stands, once it was posted."""


@dataclass(frozen=True, slots=True)
class Home:
    """One person's. An empty part is shown as such; None where it could not be read."""

    channel: str
    """Their direct message with the bot."""
    language: Language
    preferences: Preferences
    told: tuple[Notice, ...]
    """What came of what they have just done here."""
    questions: tuple[RecentQuestion, ...] | None
    """The newest first."""
    waiting: tuple[OpenApproval, ...] | None
    """The one that runs out first is the first."""
    budget: tuple[Notice, ...] | None
    connections: tuple[Notice, ...]


class Questions(Protocol):
    async def recent(self, user: str, limit: int) -> tuple[RecentQuestion, ...]:
        """The last questions of *user*, each once, the newest first."""
        ...


class PendingApprovals(Protocol):
    async def open(self, limit: int) -> tuple[Approval, ...]:
        """What waits for a word anywhere, what runs out first before the rest."""
        ...


class Connections(Protocol):
    async def look(self) -> tuple[Notice, ...]:
        """What the bot depends on and whether it answers. Never raises."""
        ...


class HomeTabs(Protocol):
    async def publish(self, user: str, home: Home) -> None:
        """Show *home* on *user*'s Home tab. Raises what is transient; who has no Home tab is no error."""
        ...

"""Where each turn's visible reply stands, and its final answer: what a redelivered turn needs to continue it."""

import json
from dataclasses import dataclass
from typing import Protocol

from agent.answer_codec import answer_from_plain, answer_to_plain
from agent.turn import Answer


@dataclass(frozen=True, slots=True)
class Reply:
    """One turn's reply."""

    turn_id: str
    conversation: str
    channel: str
    thread_ts: str | None
    ts: str | None = None
    """Slack's ts of the message; None while nothing is posted that we know of."""
    answer: str | None = None
    """The final answer by `encode_answer`, once it was computed."""
    asked_by: str | None = None
    """Who may have it deleted; None for what was kept before that was written down."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known once a place was taken."""

    reply: Reply
    is_first: bool
    """Whether nobody had written of this turn before: else somebody else may have posted, or be about to."""


class Replies(Protocol):
    async def find(self, turn_id: str) -> Reply | None: ...

    async def find_at(self, channel: str, ts: str) -> Reply | None:
        """The reply that stands there: who marks a message names nothing else."""
        ...

    async def keep_place(self, reply: Reply) -> None:
        """Remember where the reply stands. The last call wins; a stored answer is left alone."""
        ...

    async def take_place(self, reply: Reply) -> Taken:
        """Remember where the reply stands unless that is known already; what is known then. Of two the first wins."""
        ...

    async def keep_answer(self, turn_id: str, answer: str) -> None:
        """Remember the answer of a turn whose place is kept; committed when this returns."""
        ...

    async def forget_answer(self, turn_id: str) -> None:
        """The message was deleted: what is kept of the answer goes too. Where it stood is still known."""
        ...

    async def has_joined(self, conversation: str) -> bool:
        """True when a reply of ours stands in *conversation*."""
        ...


def encode_answer(answer: Answer) -> str:
    """JSON text of `agent.answer_codec`'s plain values."""
    return json.dumps(answer_to_plain(answer), ensure_ascii=False)


def decode_answer(text: str) -> Answer:
    """The inverse of `encode_answer`. ValueError when *text* was written by another version's shape."""
    return answer_from_plain(json.loads(text))

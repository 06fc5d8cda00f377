"""Trigger ids: the right to open one modal within three seconds of a person's gesture."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.local.slack.shapes import SlackError

TRIGGER_SECONDS = 3.0
"""Slack's own: a trigger_id expires three seconds after the gesture."""


@dataclass(slots=True)
class _Trigger:
    user: str
    at: float
    view_id: str | None
    used: bool = False


class Triggers:
    def __init__(self, lifetime: float = TRIGGER_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self.lifetime = lifetime
        self._clock = clock
        self._triggers: dict[str, _Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        """A trigger for *user*'s gesture, made inside the modal *view_id* if there was one."""
        trigger = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger] = _Trigger(user, self._clock(), view_id)
        return trigger

    def redeem(self, trigger_id: str) -> tuple[str, str | None]:
        """Who made the gesture, and in which modal.

        Raises invalid_trigger_id, exchanged_trigger_id (already used), expired_trigger_id.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.at > self.lifetime:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user, trigger.view_id

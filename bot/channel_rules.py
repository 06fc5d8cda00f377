"""In which channels the bot answers, and in which it answers without being called. Pure."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """Channels are ids. Direct messages are always answered."""

    only: frozenset[str] = frozenset()
    """Where it answers at all; empty: wherever it is."""
    overheard: frozenset[str] = frozenset()
    """Where it answers questions that nobody addressed to it; the model judges what is one."""
    keywords: tuple[str, ...] = ()
    """An overheard message must hold one of them, in any case; empty: any message is judged."""
    in_threads: bool = False
    """Whether threads that the bot has not joined are overheard as well."""

    def answers_in(self, channel: str) -> bool:
        return not self.only or channel in self.only

    def overhears(self, channel: str, text: str, *, in_thread: bool) -> bool:
        if channel not in self.overheard or not self.answers_in(channel) or (in_thread and not self.in_threads):
            return False
        folded = text.casefold()
        return not self.keywords or any(keyword.casefold() in folded for keyword in self.keywords)


EVERYWHERE: Final = ChannelRules()
"""Answers wherever it is, when it is called."""

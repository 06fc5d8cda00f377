"""Where the local model stands, in a value and in the sentence that the terminal and the page show."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.local.model.catalogue import ModelCard

USE_ANOTHER = "Set OPENAI_API_KEY or OPENAI_BASE_URL to use another model."


@dataclass(frozen=True, slots=True)
class Fetching:
    """The weights are on their way into the cache, or are checked there."""

    card: ModelCard
    done: int
    total: int
    """Bytes."""

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total

    @property
    def text(self) -> str:
        done, total = (f"{size / 1e9:.2f}" for size in (self.done, self.total))
        return f"Loading model: fetching the weights of {self.card.title}, {self.percent} % ({done} of {total} GB)"


@dataclass(frozen=True, slots=True)
class Loading:
    """The native server reads the weights, for the first time or after it died."""

    card: ModelCard

    @property
    def text(self) -> str:
        return f"Loading model: {self.card.title} is being read into memory"


@dataclass(frozen=True, slots=True)
class Ready:
    """Requests are answered."""

    card: ModelCard

    @property
    def text(self) -> str:
        return f"{self.card.title} on this machine: a small local model, it may be wrong ({self.card.quality})"


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing will answer until somebody mends the reason."""

    reason: str

    @property
    def text(self) -> str:
        return f"No local model: {self.reason}. {USE_ANOTHER}"


State: TypeAlias = Fetching | Loading | Ready | Unavailable

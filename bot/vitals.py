"""How the daemon is: a value that others read (health port, STATUS line), and where its parts write it down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

EngineState: TypeAlias = Literal["warming", "warm", "unavailable"]
"""Of the SQL engine. Unavailable: it answers all the same, and every query needs approval."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The inbox, of all daemons on this database together."""

    running: int
    waiting: int
    """Due, and not begun: those that wait for their own conversation among them."""
    later: int
    """To be tried again, not before a time to come."""
    oldest_seconds: float
    """How long the oldest has waited for a worker, its conversation being free."""


@dataclass(frozen=True, slots=True)
class LastTurn:
    ended_at: datetime
    outcome: str
    """As in the canonical log line: `answered`, `failed`, ..."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at the daemon."""

    connected_since: datetime | None
    """When the current link to Slack came up; None while there is none."""
    pong_age: float | None
    """Seconds since Slack was last heard."""
    database_is_up: bool
    engine: EngineState
    queue: Queue | None
    """None until somebody looked, and while the database is away."""
    last_turn: LastTurn | None
    degraded: tuple[str, ...]
    """What is not well, by the names of `bot.outages.conditions`: `database`, `slack`, `model`, ... Empty: all is."""
    is_draining: bool
    loop_lag: float
    """Seconds: the longest that the event loop kept something waiting, lately."""

    @property
    def is_ready(self) -> bool:
        """Whether a question asked now would be taken and worked on here."""
        return all(self.checks.values())

    @property
    def checks(self) -> dict[str, bool]:
        return {
            "slack": self.connected_since is not None,
            "database": self.database_is_up,
            "engine": self.engine != "warming",
            "not_draining": not self.is_draining,
        }


class VitalSigns:
    """Where the parts of the daemon write down how they are. Nothing here waits: `read` may be called at any time."""

    def __init__(self) -> None:
        self.connected_since: Callable[[], datetime | None] = lambda: None
        self.pong_age: Callable[[], float | None] = lambda: None
        self.engine: Callable[[], EngineState] = lambda: "warming"
        self.loop_lag: Callable[[], float] = lambda: 0.0
        self.degraded: Callable[[], tuple[str, ...]] = lambda: ()
        self.database_is_up = False
        self.queue: Queue | None = None
        self.is_draining = False
        self._last_turn: LastTurn | None = None

    def turn_ended(self, outcome: str) -> None:
        self._last_turn = LastTurn(datetime.now(UTC), outcome)

    def read(self) -> Vitals:
        return Vitals(
            connected_since=self.connected_since(),
            pong_age=self.pong_age(),
            database_is_up=self.database_is_up,
            engine=self.engine(),
            queue=self.queue,
            last_turn=self._last_turn,
            degraded=self.degraded(),
            is_draining=self.is_draining,
            loop_lag=self.loop_lag(),
        )

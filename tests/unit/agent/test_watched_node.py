"""Whoever watches the graph is told of every node that runs, in order, and of how each ended."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.analyst import Analyst
from agent.turn import Progress, Step
from tests.unit.agent.desk import Desk, chat, drafted, routed


class Watch:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    @contextmanager
    def __call__(self, node: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.seen.append((node, type(error).__name__))
            raise
        self.seen.append((node, "ok"))


class WatchedDesk(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.watch = Watch()

    def analyst(self) -> Analyst:
        return Analyst(self.services(), self.savers, around_node=self.watch)


async def test_the_walk_of_a_turn_is_told_node_by_node():
    desk = WatchedDesk()
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat())
    await desk.ask("hello")
    assert desk.watch.seen == [
        (node, "ok")
        for node in (
            "reset_turn_state",
            "classify_relevance",
            "ingest",
            "plan_turn_action",
            "chat_reply",
            "compose_response",
        )
    ]


async def test_an_error_passes_and_the_watch_has_seen_where_it_was():
    desk = WatchedDesk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())

    async def disk_full(progress: Progress) -> None:
        if progress.step is Step.RUN:
            raise OSError("disk full")

    desk.on_progress = disk_full
    with pytest.raises(OSError, match="disk full"):
        await desk.ask("How many orders?")
    assert desk.watch.seen[-2:] == [("policy_gate", "ok"), ("execute_sql", "OSError")]

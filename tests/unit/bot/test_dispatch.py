"""Every kind of item finds its service, and so does every item that is given up."""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, cast

from bot.dispatch import Dispatcher
from bot.inbox.attempt import Attempt
from bot.inbox.inbox import Claim
from bot.inbox.items import ITEM, Item


class Recorder:
    """Stands in for each service."""

    def __init__(self, name: str, calls: list[tuple[object, ...]]) -> None:
        self.name = name
        self.calls = calls

    async def run(self, item: Item, **signals: Any) -> None:
        assert not signals or isinstance(signals["stoppable"](), AbstractAsyncContextManager | nullcontext)
        self.calls.append((self.name, "run", item.kind, signals.get("attempt")))

    async def give_up(self, item: Item, error: Exception | None = None) -> None:
        self.calls.append((self.name, "give_up", item.kind))


def every_item() -> list[Item]:
    common = {"dedupe_key": "k", "conversation": "c", "spoken_at": "1", "user": "U", "channel": "C"}
    kinds: list[dict[str, object]] = [
        {"kind": "turn", "team": "T", "thread_ts": None, "text": "x", "surface": "dm"},
        {"kind": "stop", "target": "c"},
        {"kind": "sql_view", "view_id": "V", "turn_id": "t"},
    ]
    return [ITEM.validate_python({**common, **kind}) for kind in kinds]


async def test_every_item_goes_to_its_service() -> None:
    calls: list[tuple[object, ...]] = []
    turns, stop, sql_view = (cast(Any, Recorder(name, calls)) for name in ("turns", "stop", "sql_view"))
    dispatcher = Dispatcher(turns=turns, stop=stop, sql_view=sql_view)
    for item in every_item():
        await dispatcher(Attempt(Claim(1, item, 3)))
    assert calls == [
        ("turns", "run", "turn", 3),
        ("stop", "run", "stop", None),
        ("sql_view", "run", "sql_view", None),
    ]


async def test_what_is_given_up_is_told_where_somebody_waits() -> None:
    calls: list[tuple[object, ...]] = []
    turns, stop, sql_view = (cast(Any, Recorder(name, calls)) for name in ("turns", "stop", "sql_view"))
    dispatcher = Dispatcher(turns=turns, stop=stop, sql_view=sql_view)
    for item in every_item():
        await dispatcher.give_up(item, RuntimeError("x"))
    assert calls == [("turns", "give_up", "turn"), ("sql_view", "give_up", "sql_view")]

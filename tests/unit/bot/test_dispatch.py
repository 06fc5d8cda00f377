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
        assert "stoppable" not in signals or isinstance(
            signals["stoppable"](), AbstractAsyncContextManager | nullcontext
        )
        self.calls.append((self.name, "run", item.kind, signals.get("attempt")))

    async def catch_up(self, item: Item) -> None:
        self.calls.append((self.name, "catch_up", item.kind))

    async def give_up(self, item: Item, error: Exception | None = None) -> None:
        self.calls.append((self.name, "give_up", item.kind))


def every_item() -> list[Item]:
    common = {"dedupe_key": "k", "conversation": "c", "spoken_at": "1", "user": "U", "channel": "C"}
    kinds: list[dict[str, object]] = [
        {"kind": "turn", "team": "T", "thread_ts": None, "text": "x", "surface": "dm"},
        {"kind": "stop", "target": "c"},
        {"kind": "sql_view", "view_id": "V", "turn_id": "t"},
        {"kind": "decision", "approve": True, "approval_id": "a", "team": "T", "thread_ts": None},
        {"kind": "card", "approval_id": "a"},
        {"kind": "twin", "turn_id": "t", "index": 0, "target": "c", "team": "T", "thread_ts": None},
        {"kind": "result_file", "turn_id": "t", "format": "csv", "thread_ts": None},
        {"kind": "receipt", "view_id": "V", "turn_id": "t"},
        {"kind": "receipt_asked", "address": "a"},
        {"kind": "run_again", "turn_id": "t", "target": "c", "team": "T", "thread_ts": None, "pressed_on": "1.5"},
        {"kind": "feedback", "turn_id": "t", "verdict": "bad", "thread_ts": None},
        {"kind": "refine", "view_id": "V", "turn_id": "t", "target": "c", "thread_ts": None},
        {"kind": "chart", "form": "bar", "ts": "1.5", "thread_ts": None},
        {"kind": "command", "team": "T", "text": "x", "in_direct_message": False},
        {"kind": "budget", "team": "T", "address": "a"},
        {"kind": "long_task", "seconds": 1, "address": "a"},
        {"kind": "home", "team": "T"},
        {"kind": "home_decision", "team": "T", "approve": True, "approval_id": "a"},
        {"kind": "pane", "team": "T"},
        {"kind": "settings_opened", "view_id": "V", "view_hash": "h"},
        {"kind": "settings_chosen", "team": "T", "preferences": {}},
        {"kind": "discard", "ts": "1.5"},
        {"kind": "consent", "turn_id": "t", "thread_ts": None, "card_ts": "1.5"},
        {"kind": "edited", "turn": {**common, "team": "T", "thread_ts": None, "text": "x", "surface": "dm"}},
        {"kind": "deleted", "turn_id": "t"},
    ]
    return [ITEM.validate_python({**common, **kind}) for kind in kinds]


def services(calls: list[tuple[object, ...]]) -> dict[str, Any]:
    names = (
        "turns",
        "stop",
        "sql_view",
        "decisions",
        "cards",
        "twins",
        "files",
        "receipts",
        "run_again",
        "charts",
        "refine",
        "feedback",
        "commands",
        "budget_view",
        "long_tasks",
        "home",
        "settings",
        "pane",
        "discards",
        "greetings",
        "consents",
        "edits",
        "deletions",
    )
    return {name: cast(Any, Recorder(name, calls)) for name in names}


async def test_every_item_goes_to_its_service() -> None:
    calls: list[tuple[object, ...]] = []
    dispatcher = Dispatcher(**services(calls))
    for item in every_item():
        await dispatcher(Attempt(Claim(1, item, 3)))
    assert calls == [
        ("turns", "run", "turn", 3),
        ("cards", "catch_up", "turn"),
        ("stop", "run", "stop", None),
        ("sql_view", "run", "sql_view", None),
        ("decisions", "run", "decision", None),
        ("cards", "run", "card", None),
        ("twins", "run", "twin", None),
        ("files", "run", "result_file", None),
        ("receipts", "run", "receipt", None),
        ("receipts", "run", "receipt_asked", None),
        ("run_again", "run", "run_again", None),
        ("feedback", "run", "feedback", None),
        ("refine", "run", "refine", None),
        ("charts", "run", "chart", None),
        ("commands", "run", "command", 3),
        ("budget_view", "run", "budget", None),
        ("long_tasks", "run", "long_task", None),
        ("home", "run", "home", None),
        ("home", "run", "home_decision", None),
        ("pane", "run", "pane", None),
        ("greetings", "run", "pane", 3),
        ("settings", "run", "settings_opened", None),
        ("home", "run", "settings_chosen", None),
        ("discards", "run", "discard", None),
        ("consents", "run", "consent", None),
        ("edits", "run", "edited", None),
        ("deletions", "run", "deleted", None),
    ]


async def test_what_is_given_up_is_told_where_somebody_waits() -> None:
    calls: list[tuple[object, ...]] = []
    dispatcher = Dispatcher(**services(calls))
    for item in every_item():
        await dispatcher.give_up(item, RuntimeError("x"))
    assert calls == [
        ("turns", "give_up", "turn"),
        ("sql_view", "give_up", "sql_view"),
        ("decisions", "give_up", "decision"),
        ("cards", "give_up", "card"),
        ("twins", "give_up", "twin"),
        ("files", "give_up", "result_file"),
        ("receipts", "give_up", "receipt"),
        ("receipts", "give_up", "receipt_asked"),
        ("run_again", "give_up", "run_again"),
        ("feedback", "give_up", "feedback"),
        ("refine", "give_up", "refine"),
        ("charts", "give_up", "chart"),
        ("commands", "give_up", "command"),
        ("budget_view", "give_up", "budget"),
        ("long_tasks", "give_up", "long_task"),
        ("home", "give_up", "home"),
        ("home", "give_up", "home_decision"),
        ("pane", "give_up", "pane"),
        ("settings", "give_up", "settings_opened"),
        ("home", "give_up", "settings_chosen"),
        ("discards", "give_up", "discard"),
        ("consents", "give_up", "consent"),
    ]

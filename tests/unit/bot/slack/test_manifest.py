"""The manifest asks Slack for what is registered and called: no less, no more, and nothing that Slack would refuse."""

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.cli.manifest import current_manifest
from bot.i18n.catalogue import SENTENCES
from bot.local.slack.api import SCOPES as LOCAL_SCOPES
from bot.local.slack.methods.table import METHODS as LOCAL_METHODS
from bot.slack.manifest.calls import called_methods, methods_in
from bot.slack.manifest.dry_app import build_dry_app
from bot.slack.manifest.manifest import COMMANDS, make_manifest, needed_scopes
from bot.slack.manifest.rules import faults_of
from bot.slack.manifest.scopes import METHOD_SCOPES, REASONS, SUBSCRIPTIONS
from bot.slack.recording_app import RecordingApp

SOURCES = Path(__file__).parents[4] / "bot" / "slack"


class Listening:
    """What is registered, as a test says it."""

    def __init__(self, *events: str, commands: tuple[str, ...] = (), has_interactions: bool = False) -> None:
        self.events = frozenset(events)
        self.commands = frozenset(commands)
        self.shortcuts = frozenset[str]()
        self.has_interactions = has_interactions


async def listener() -> None: ...


def recording_app() -> RecordingApp:
    return RecordingApp(name="test", token="xoxb-none", request_verification_enabled=False)


async def test_slack_would_take_the_manifest():
    assert faults_of(await current_manifest()) == []


async def test_every_event_command_and_shortcut_that_is_listened_to_is_asked_for():
    app, made = await build_dry_app(), await current_manifest()
    heard = set(made["settings"]["event_subscriptions"]["bot_events"])
    assert heard == {name for kind in app.events for name in SUBSCRIPTIONS[kind].events}
    assert {"app_mention", "message.channels", "message.groups", "message.im", "message.mpim"} <= heard
    assert {command["command"] for command in made["features"]["slash_commands"]} == app.commands >= {"/data"}
    assert {shortcut["callback_id"] for shortcut in made["features"].get("shortcuts", [])} == app.shortcuts
    assert made["settings"]["interactivity"]["is_enabled"] is True


async def test_every_scope_is_needed_by_something_and_has_its_reason():
    app, made = await build_dry_app(), await current_manifest()
    needed = {scope for method in called_methods() for scope in METHOD_SCOPES[method]}
    needed |= {scope for kind in app.events for scope in SUBSCRIPTIONS[kind].scopes}
    needed |= {"commands"} if app.commands or app.shortcuts else set()
    needed |= {"assistant:write"} if "agent_view" in made["features"] else set()
    scopes = made["oauth_config"]["scopes"]["bot"]
    assert set(scopes) == needed
    assert scopes == sorted(set(scopes))
    assert needed <= REASONS.keys()


def test_slack_hints_at_every_word_that_the_help_of_a_command_lists():
    listed = re.findall(
        r"`(/\w+) (\w+)", json.dumps([SENTENCES["en"][c] for c in SENTENCES["en"] if c.startswith("command.")])
    )
    assert ("/data", "budget") in listed
    assert [word for command, word in listed if word not in COMMANDS[command].hint] == []


def test_the_calls_of_the_code_are_found_whichever_way_they_are_made():
    source = """
async def f(self):
    await self._client.chat_postMessage(channel="C")
    await self._client.call_once("chat.update", json={})
    await client.try_now("reactions.add", json={})
    self.unrelated(1), api_call(1)
"""
    assert methods_in(source) == {"chat.postMessage", "chat.update", "reactions.add"}
    assert {
        "chat.postMessage",
        "chat.update",
        "conversations.replies",
        "files.completeUploadExternal",
    } <= called_methods()


def test_no_method_is_called_by_a_name_that_cannot_be_read():
    hidden = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES.rglob("*.py")
        if path.name != "client.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in {"api_call", "call_once", "try_now"} and not isinstance(node.args[0], ast.Constant)
    ]
    assert hidden == []


def test_a_new_call_brings_its_scope_and_a_call_that_goes_takes_it_along():
    less = needed_scopes(Listening("message"), ["chat.postMessage"])
    more = needed_scopes(Listening("message"), ["chat.postMessage", "reactions.add"])
    assert set(more) - set(less) == {"reactions:write"}


def test_what_nobody_has_described_is_named():
    with pytest.raises(KeyError, match=r"pins\.add"):
        make_manifest(Listening("message"), ["pins.add"])
    with pytest.raises(KeyError, match="team_join"):
        make_manifest(Listening("team_join"), [])
    with pytest.raises(KeyError, match="/unknown"):
        make_manifest(Listening("message", commands=("/unknown",)), [])


async def test_the_local_workspace_grants_what_the_manifest_asks_for_and_knows_every_method_that_is_called():
    made = await current_manifest()
    assert set(made["oauth_config"]["scopes"]["bot"]) <= set(LOCAL_SCOPES.split(","))
    assert called_methods() <= LOCAL_METHODS.keys()


def test_an_app_remembers_every_way_of_listening():
    app = recording_app()
    app.event("app_mention")(listener)
    app.event({"type": "message", "subtype": "message_changed"})(listener)
    app.command("/data")(listener)
    app.message_shortcut("one")(listener)
    app.global_shortcut("two")(listener)
    app.shortcut({"type": "message_action", "callback_id": "three"})(listener)
    assert (app.events, app.commands) == ({"app_mention", "message"}, {"/data"})
    assert app.shortcuts == {"one", "two", "three"}
    assert not app.has_interactions
    app.action("approve")(listener)
    assert app.has_interactions


def test_what_cannot_be_named_to_slack_is_refused_where_it_is_registered():
    with pytest.raises(TypeError, match="manifest"):
        recording_app().event(re.compile("app_.*"))


BREAKAGES: dict[str, tuple[tuple[str | int, ...], Any, str]] = {
    "a long name": (("display_information", "name"), "D" * 36, "36 characters"),
    "a short long description": (("display_information", "long_description"), "Short.", "175 to 4000"),
    "a color in words": (("display_information", "background_color"), "purple", "purple"),
    "a field nobody knows": (("settings", "delayed_events_enabled"), True, "not known"),
    "a command without slash": (("features", "slash_commands", 0, "command"), "data", "'data'"),
    "an event twice": (("settings", "event_subscriptions", "bot_events"), ["message.im", "message.im"], "twice"),
    "a flag in words": (("settings", "socket_mode_enabled"), "yes", "is not flag"),
    "no socket mode": (("settings", "socket_mode_enabled"), False, "public address"),
    "no scope for mentions": (("oauth_config", "scopes", "bot"), ["chat:write"], "app_mention: the scope"),
    "no name of the bot": (("features", "bot_user"), {"always_online": True}, "display_name is missing"),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
async def test_what_slack_would_refuse_is_named(breakage: str):
    path, value, words = BREAKAGES[breakage]
    broken: Any = copy.deepcopy(await current_manifest())
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert any(words in fault for fault in faults_of(broken))


async def test_each_event_misses_the_scope_that_it_needs():
    made = await current_manifest()
    for kind in (await build_dry_app()).events:
        for scope in SUBSCRIPTIONS[kind].scopes:
            less = copy.deepcopy(made)
            less["oauth_config"]["scopes"]["bot"].remove(scope)
            assert any(scope in fault for fault in faults_of(less)), (kind, scope)

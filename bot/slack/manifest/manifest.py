"""The app as Slack is asked to make it: what is registered, and no more than it needs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from bot.slack.manifest.scopes import SUBSCRIPTIONS, scopes_for

NAME: Final = "Data Bolt"
_DESCRIPTION: Final = "Answers questions about your company's data, in the thread where you ask."
_LONG_DESCRIPTION: Final = (
    "Mention Data Bolt in a channel or write to it, in English, Korean or Japanese, and it answers from your company's "
    "BigQuery: the number first, then the chart and the table, with the SQL and what it cost. It only ever reads. What "
    "is dear is asked about before it runs, and nobody is shown what your access policy does not let them see."
)
_BACKGROUND: Final = "#3f0e40"

_AGENT_EVENTS: Final = frozenset({"agent_session_stopped", "app_context_changed"})
"""Sent to apps with an agent view only."""


@dataclass(frozen=True, slots=True)
class Command:
    """What Slack shows while somebody types it."""

    description: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    kind: Literal["message", "global"]
    name: str
    description: str


COMMANDS: Final[Mapping[str, Command]] = {
    "/data": Command("Ask about the data, see what you may spend", "ask <question> | new | budget | receipt | help"),
    "/hello": Command("See whether Data Bolt is there"),
    "/longtask": Command("Watch work that goes on in the background", "<seconds>"),
}
SHORTCUTS: Final[Mapping[str, Shortcut]] = {
    "ask_about": Shortcut("message", "Ask about this", "Ask Data Bolt a question about this message"),
}
"""By callback id."""

Manifest = dict[str, Any]


class Registered(Protocol):
    """What bot.slack.recording_app.RecordingApp remembers."""

    @property
    def events(self) -> Collection[str]: ...
    @property
    def commands(self) -> Collection[str]: ...
    @property
    def shortcuts(self) -> Collection[str]: ...
    @property
    def has_interactions(self) -> bool: ...


def make_manifest(registered: Registered, methods: Collection[str]) -> Manifest:
    """*methods* are called. KeyError names what the tables do not describe yet."""
    events = sorted(name for kind in registered.events for name in SUBSCRIPTIONS[kind].events)
    return {
        "display_information": {
            "name": NAME,
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION,
            "background_color": _BACKGROUND,
        },
        "features": _features(registered, methods),
        "oauth_config": {"scopes": {"bot": needed_scopes(registered, methods)}},
        "settings": {
            "event_subscriptions": {"bot_events": events},
            "interactivity": {"is_enabled": registered.has_interactions or bool(registered.shortcuts)},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            # Slack renews rotated tokens over OAuth only, which wants a public address.
            "token_rotation_enabled": False,
        },
    }


def needed_scopes(registered: Registered, methods: Collection[str]) -> list[str]:
    scopes = set(scopes_for(methods, registered.events))
    if registered.commands or registered.shortcuts:
        scopes.add("commands")
    if _is_agent(registered):
        scopes.add("assistant:write")
    return sorted(scopes)


def _features(registered: Registered, methods: Collection[str]) -> dict[str, Any]:
    features: dict[str, Any] = {
        "app_home": {
            "home_tab_enabled": "views.publish" in methods,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": NAME, "always_online": True},
    }
    if _is_agent(registered):
        features["agent_view"] = {"agent_description": _DESCRIPTION}
    if registered.commands:
        features["slash_commands"] = [_command(name, COMMANDS[name]) for name in sorted(registered.commands)]
    if registered.shortcuts:
        features["shortcuts"] = [_shortcut(name, SHORTCUTS[name]) for name in sorted(registered.shortcuts)]
    return features


def _is_agent(registered: Registered) -> bool:
    return not _AGENT_EVENTS.isdisjoint(registered.events)


def _command(name: str, command: Command) -> dict[str, Any]:
    hint = {"usage_hint": command.hint} if command.hint else {}
    return {"command": name, "description": command.description, **hint, "should_escape": False}


def _shortcut(callback_id: str, shortcut: Shortcut) -> dict[str, Any]:
    return {
        "name": shortcut.name,
        "type": shortcut.kind,
        "callback_id": callback_id,
        "description": shortcut.description,
    }

"""What Slack takes as a manifest: names, types, lengths, and what needs what.

Sources: https://docs.slack.dev/reference/app-manifest and Slack's published JSON schema of it. Checked here by hand, so
that a wrong manifest is a failing test and not a red line in somebody's browser.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from bot.slack.manifest.scopes import SUBSCRIPTIONS


@dataclass(frozen=True, slots=True)
class Text:
    most: int
    least: int = 1
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean."""


@dataclass(frozen=True, slots=True)
class Words:
    """A list of strings, none twice."""

    most: int
    longest: int


@dataclass(frozen=True, slots=True)
class Items:
    each: "Fields"
    most: int


@dataclass(frozen=True, slots=True)
class Fields:
    known: "Mapping[str, Rule]"
    required: frozenset[str] = frozenset()


Rule: TypeAlias = Text | Flag | Words | Items | Fields

MANIFEST: Final = Fields(
    {
        "display_information": Fields(
            {
                "name": Text(35),
                "description": Text(140),
                "long_description": Text(4000, least=175),
                "background_color": Text(7, least=4, pattern=r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?"),
            },
            frozenset({"name"}),
        ),
        "features": Fields(
            {
                "app_home": Fields(
                    dict.fromkeys(
                        ("home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"), Flag()
                    )
                ),
                "bot_user": Fields({"display_name": Text(80), "always_online": Flag()}, frozenset({"display_name"})),
                "agent_view": Fields(
                    {
                        "agent_description": Text(300),
                        "suggested_prompts": Items(
                            Fields({"title": Text(250), "message": Text(2000)}, frozenset({"title", "message"})), most=4
                        ),
                    }
                ),
                "slash_commands": Items(
                    Fields(
                        {
                            "command": Text(32, least=2, pattern=r"/\S+"),
                            "description": Text(2000),
                            "usage_hint": Text(1000),
                            "should_escape": Flag(),
                        },
                        frozenset({"command", "description"}),
                    ),
                    most=50,
                ),
                "shortcuts": Items(
                    Fields(
                        {
                            "name": Text(24),
                            "type": Text(7, pattern="message|global"),
                            "callback_id": Text(255),
                            "description": Text(150),
                        },
                        frozenset({"name", "type", "callback_id", "description"}),
                    ),
                    most=10,
                ),
            }
        ),
        "oauth_config": Fields({"scopes": Fields({"bot": Words(255, longest=50)})}),
        "settings": Fields(
            {
                "event_subscriptions": Fields({"bot_events": Words(100, longest=50)}),
                "interactivity": Fields({"is_enabled": Flag()}, frozenset({"is_enabled"})),
                "org_deploy_enabled": Flag(),
                "socket_mode_enabled": Flag(),
                "token_rotation_enabled": Flag(),
            }
        ),
    },
    frozenset({"display_information"}),
)


def faults_of(manifest: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse, a sentence each; empty when nothing is wrong."""
    faults = list(_faults(MANIFEST, manifest, "manifest"))
    return faults or list(_missing(manifest))


def _faults(rule: Rule, value: object, where: str) -> list[str]:
    match rule, value:
        case Fields(), dict():
            return _field_faults(rule, cast("dict[str, object]", value), where)
        case Items(each, most), list():
            items = cast("list[object]", value)
            return [*_count_faults(items, most, where), *_each(each, items, where)]
        case Words(most, longest), list():
            words = cast("list[object]", value)
            twice = [f"{where}: {word} stands there twice" for word in words if words.count(word) > 1]
            return [*_count_faults(words, most, where), *twice, *_each(Text(longest), words, where)]
        case Text(), str():
            return _text_faults(rule, value, where)
        case Flag(), bool():
            return []
        case _:
            return [f"{where} is not {type(rule).__name__.lower()}"]


def _field_faults(rule: Fields, value: dict[str, object], where: str) -> list[str]:
    faults = [f"{where}.{name} is not known to Slack" for name in sorted(value.keys() - rule.known.keys())]
    faults += [f"{where}.{name} is missing" for name in sorted(rule.required - value.keys())]
    for name in sorted(value.keys() & rule.known.keys()):
        faults += _faults(rule.known[name], value[name], f"{where}.{name}")
    return faults


def _each(rule: Rule, items: list[object], where: str) -> list[str]:
    return [fault for number, item in enumerate(items) for fault in _faults(rule, item, f"{where}[{number}]")]


def _count_faults(items: list[object], most: int, where: str) -> list[str]:
    return [] if 1 <= len(items) <= most else [f"{where} has {len(items)} entries; Slack takes 1 to {most}"]


def _text_faults(rule: Text, value: str, where: str) -> list[str]:
    if not rule.least <= len(value) <= rule.most:
        return [f"{where} has {len(value)} characters; Slack takes {rule.least} to {rule.most}"]
    if rule.pattern and not re.fullmatch(rule.pattern, value):
        return [f"{where} is {value!r}, which Slack does not take"]
    return []


def _missing(manifest: Mapping[str, Any]) -> list[str]:
    """What one part needs of another."""
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    scopes: set[str] = set(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))
    events: set[str] = set(settings.get("event_subscriptions", {}).get("bot_events", []))
    needs = {
        "an agent view": ({"assistant:write"}, "agent_view" in features),
        "slash commands": ({"commands"}, "slash_commands" in features),
        "shortcuts": ({"commands"}, "shortcuts" in features),
        **{f"the event {name}": (set(needed), name in events) for name, needed in _event_scopes().items()},
    }
    faults = [
        f"{what}: the scope {scope} is missing"
        for what, (needed, is_there) in needs.items()
        if is_there
        for scope in sorted(needed - scopes)
    ]
    if (events or "slash_commands" in features) and not settings.get("socket_mode_enabled"):
        faults.append("without Socket Mode events and commands need a public address")
    if "shortcuts" in features and not settings.get("interactivity", {}).get("is_enabled"):
        faults.append("shortcuts need interactivity")
    return faults


def _event_scopes() -> dict[str, tuple[str, ...]]:
    families = {"channels": "channels:", "groups": "groups:", "im": "im:", "mpim": "mpim:"}
    needed: dict[str, tuple[str, ...]] = {}
    for subscription in SUBSCRIPTIONS.values():
        for event in subscription.events:
            # message.groups is told where groups:history is given, whatever is given for other rooms
            family = families.get(event.partition(".")[2], "")
            needed[event] = tuple(scope for scope in subscription.scopes if scope.startswith(family))
    return needed

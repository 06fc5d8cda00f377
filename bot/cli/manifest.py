"""`botctl manifest`: the Slack app as api.slack.com is asked to make it."""

import argparse
import asyncio
import json
import sys

from bot.slack.manifest.calls import called_methods
from bot.slack.manifest.dry_app import build_dry_app
from bot.slack.manifest.manifest import Manifest, make_manifest
from bot.slack.manifest.rules import faults_of
from bot.slack.manifest.scopes import REASONS


async def current_manifest() -> Manifest:
    return make_manifest(await build_dry_app(), await asyncio.to_thread(called_methods))


async def manifest(options: argparse.Namespace) -> int:
    """The exit code: 1 when Slack would refuse it."""
    made = await current_manifest()
    faults = faults_of(made)
    for fault in faults:
        print(f"botctl: {fault}", file=sys.stderr)
    if options.check:
        _explain(made)
    else:
        print(json.dumps(made, indent=2, ensure_ascii=False))
    return 1 if faults else 0


def _explain(made: Manifest) -> None:
    scopes: list[str] = made["oauth_config"]["scopes"]["bot"]
    events: list[str] = made["settings"]["event_subscriptions"]["bot_events"]
    print(f"{len(scopes)} scopes of the bot token:")
    for scope in scopes:
        print(f"  {scope:<18} to {REASONS[scope]}")
    print(f"{len(events)} events: {', '.join(events)}")
    commands: list[dict[str, str]] = made["features"].get("slash_commands", [])
    print(f"{len(commands)} commands: {', '.join(command['command'] for command in commands)}")
    shortcuts: list[dict[str, str]] = made["features"].get("shortcuts", [])
    print(f"{len(shortcuts)} shortcuts: {', '.join(shortcut['name'] for shortcut in shortcuts)}")
    print("To be switched on by hand, for no manifest holds it: Event Subscriptions, Delayed Events.")

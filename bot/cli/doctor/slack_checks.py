"""Slack: does it answer, are the tokens right and of one app, may the bot do what it does, is it in its channels?

Nothing is posted, and no socket is opened: Slack would hand it somebody's question.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from bot.cli.doctor.dates import Unreachable
from bot.cli.doctor.finding import Outcome, Skip, fail, ok, warn
from bot.cli.doctor.patient import Patient
from bot.cli.doctor.slack_calls import TokenName, ask, token_of
from bot.cli.manifest import current_manifest
from bot.settings import Settings
from bot.slack.manifest.scopes import REASONS

_WHERE: Final[Mapping[TokenName, str]] = {
    "SLACK_BOT_TOKEN": "api.slack.com/apps, your app, Install App: Bot User OAuth Token (xoxb-...)",
    "SLACK_APP_TOKEN": "api.slack.com/apps, your app, Basic Information, App-Level Tokens (xapp-...)",
}
_WHY: Final[Mapping[str, str]] = {
    "account_inactive": "the app was removed from the workspace",
    "invalid_auth": "Slack does not know it",
    "missing_scope": "it lacks a scope",
    "not_allowed_token_type": "it is a token of another kind",
    "not_authed": "Slack does not know it",
    "team_access_not_granted": "the organisation has not let the app into the workspace",
    "token_expired": "it has expired",
    "token_revoked": "it was revoked",
}


async def examine_slack(patient: Patient) -> Outcome:
    settings = patient.settings
    if not settings.slack_bot_token and not settings.slack_app_token:
        raise Skip("because SLACK_BOT_TOKEN is not set")
    try:
        heard = await patient.slack()
    except Unreachable as unreachable:
        return fail(str(unreachable), "Open the way out to it, port 443 (HTTPS_PROXY where there is a proxy).")
    if heard.status >= 500:
        return warn(f"{heard.host} answers HTTP {heard.status}", "Wait, and look at slack-status.com.")
    return ok(f"{heard.host} answers in {heard.seconds * 1000:.0f} ms")


async def examine_bot_token(patient: Patient) -> Outcome:
    said = await ask(patient.settings, "SLACK_BOT_TOKEN", "auth.test")
    if said.error:
        return _refused_token("SLACK_BOT_TOKEN", said.error)
    if not said.body.get("bot_id"):
        return fail("SLACK_BOT_TOKEN is not a bot's", f"Take the one at {_WHERE['SLACK_BOT_TOKEN']}.")
    return ok(f"@{said.body.get('user')} in the workspace {said.body.get('team')} ({said.body.get('team_id')})")


async def examine_bot_scopes(patient: Patient) -> Outcome:
    """Slack names a token's scopes in a header of every answer."""
    said = await ask(patient.settings, "SLACK_BOT_TOKEN", "auth.test")
    if said.error:
        return _refused_token("SLACK_BOT_TOKEN", said.error)
    listed = said.headers.get("x-oauth-scopes")
    if listed is None:
        raise Skip("the answer names no scopes: something between here and Slack takes the header away")
    given = {scope.strip() for scope in listed.split(",")}
    manifest = await current_manifest()
    needed: list[str] = manifest["oauth_config"]["scopes"]["bot"]
    missing = [scope for scope in needed if scope not in given]
    if missing:
        told = ", ".join(f"{scope} (to {REASONS[scope]})" for scope in missing)
        remedy = "Paste `botctl manifest` into App Manifest at api.slack.com/apps, then reinstall the app."
        return fail(f"the app lacks {told}", remedy)
    return ok(f"all {len(needed)} that the manifest asks for")


async def examine_app_token(patient: Patient) -> Outcome:
    said = await ask(patient.settings, "SLACK_APP_TOKEN", "apps.connections.open")
    if said.error in ("missing_scope", "no_permission"):
        return fail(
            "SLACK_APP_TOKEN lacks connections:write", f"Generate one with that scope: {_WHERE['SLACK_APP_TOKEN']}."
        )
    if said.error in _WHY:
        return _refused_token("SLACK_APP_TOKEN", said.error)
    if said.error:
        remedy = "Switch it on at api.slack.com/apps, your app, Socket Mode; then look at slack-status.com."
        return fail(f"Slack gives no Socket Mode address: {said.error}", remedy)
    return ok("Slack gives an address for Socket Mode")


async def examine_one_app(patient: Patient) -> Outcome:
    """Two apps, one for trying things out, and a token of each: questions arrive that can never be answered."""
    bot = await ask(patient.settings, "SLACK_BOT_TOKEN", "auth.test")
    described = await ask(patient.settings, "SLACK_BOT_TOKEN", "bots.info", bot=str(bot.body.get("bot_id") or ""))
    of_bot = str(cast("Mapping[str, Any]", described.body.get("bot") or {}).get("app_id") or "")
    of_app = _app_in(token_of(patient.settings, "SLACK_APP_TOKEN"))
    if not of_bot or not of_app:
        raise Skip("the tokens do not say which app they are of")
    if of_bot != of_app:
        return fail(
            f"the tokens are of two apps: SLACK_BOT_TOKEN of {of_bot}, SLACK_APP_TOKEN of {of_app}",
            f"Take both from one app: {_WHERE['SLACK_BOT_TOKEN']}; Basic Information, App-Level Tokens.",
        )
    return ok(f"both tokens are of {of_app}")


async def examine_channels(patient: Patient) -> Outcome:
    named = _channels_of(patient.settings)
    if not named:
        raise Skip("no setting names a channel")
    wrong = [found for channel, setting in named.items() if (found := await _wrong_with(patient, channel, setting))]
    if wrong:
        return fail("; ".join(what for what, _ in wrong), " ".join(dict.fromkeys(remedy for _, remedy in wrong)))
    return ok(f"the bot is in {', '.join(named)}")


def _channels_of(settings: Settings) -> dict[str, str]:
    """By id: the setting that names it first."""
    named: dict[str, str] = {}
    for setting, channels in (
        ("SLACK_CHANNEL", (settings.slack_channel,)),
        ("SLACK_OPS_CHANNEL", (settings.slack_ops_channel,)),
        ("SLACK_CHANNEL_FILTER", settings.slack_channel_filter),
        ("SLACK_CHANNEL_AUTO_REPLY_ALLOWLIST", settings.slack_channel_auto_reply_allowlist),
    ):
        for channel in channels:
            if channel:
                named.setdefault(channel, setting)
    return named


async def _wrong_with(patient: Patient, channel: str, setting: str) -> tuple[str, str] | None:
    said = await ask(patient.settings, "SLACK_BOT_TOKEN", "conversations.info", channel=channel)
    told: Mapping[str, Any] = said.body.get("channel") or {}
    name = f"{setting}: {channel}"
    if said.error in ("channel_not_found", "invalid_arguments"):
        remedy = "Name channels by id (Slack shows it below a channel's details), and invite the bot to private ones."
        return f"{name} is no channel that the bot can see", remedy
    if said.error:
        return f"{name} cannot be looked up ({said.error})", "See bot-scopes."
    if told.get("is_archived"):
        return f"{name} is archived", f"Unarchive it, or name another in {setting}."
    if told.get("is_member") is False:
        return f"the bot is not in #{told.get('name', channel)} ({setting})", "Write /invite and the bot's name there."
    return None


def _refused_token(name: TokenName, error: str) -> Outcome:
    return fail(f"{name} is refused: {_WHY.get(error, error)} ({error})", f"Take the one at {_WHERE[name]}.")


def _app_in(token: str) -> str:
    """`xapp-1-A012AB3CD-...` is of the app A012AB3CD; empty where it does not say."""
    parts = token.split("-")
    return parts[2] if len(parts) > 3 and parts[2].startswith("A") else ""

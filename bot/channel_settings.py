"""The settings about channels, as the rules they make."""

from bot.channel_rules import ChannelRules
from bot.settings import Settings


def channel_rules(settings: Settings) -> ChannelRules:
    overheard = settings.slack_channel_auto_reply_allowlist if settings.slack_channel_auto_reply else ()
    return ChannelRules(
        only=frozenset(settings.slack_channel_filter),
        overheard=frozenset(overheard),
        keywords=settings.slack_channel_auto_reply_keywords,
        in_threads=settings.slack_channel_auto_reply_in_threads,
    )

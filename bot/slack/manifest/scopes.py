"""What the bot token must be allowed: by the methods that are called and the events that are heard.

Source: the page of each method and event at https://docs.slack.dev/reference
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_HISTORY: Final = ("channels:history", "groups:history", "im:history", "mpim:history")
_ROOMS: Final = ("channels:read", "groups:read", "mpim:read")

METHOD_SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "agents.sessions.rename": ("chat:write",),
    "agents.sessions.setStatus": ("chat:write",),
    "apps.connections.open": (),  # called with the app-level token, whose scope is connections:write
    "assistant.threads.setStatus": ("assistant:write",),
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "assistant.threads.setTitle": ("assistant:write",),
    "auth.test": (),
    "chat.appendStream": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.getPermalink": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": _HISTORY,
    "conversations.info": _ROOMS,
    "conversations.members": _ROOMS,
    "conversations.open": ("im:write",),
    "conversations.replies": _HISTORY,
    "files.completeUploadExternal": ("files:write",),
    "files.delete": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "reactions.add": ("reactions:write",),
    "reactions.get": ("reactions:read",),
    "reactions.remove": ("reactions:write",),
    "usergroups.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
"""Of methods called with the bot token; which are called, the code says (calls.py)."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a listener's event type is to Slack."""

    events: tuple[str, ...]
    scopes: tuple[str, ...] = ()


_SHARING: Final = ("channels:read", "groups:read")
SUBSCRIPTIONS: Final[Mapping[str, Subscription]] = {
    "agent_session_stopped": Subscription(("agent_session_stopped",)),
    "app_context_changed": Subscription(("app_context_changed",)),
    "app_home_opened": Subscription(("app_home_opened",)),
    "app_mention": Subscription(("app_mention",), ("app_mentions:read",)),
    "app_uninstalled": Subscription(("app_uninstalled",)),
    "channel_shared": Subscription(("channel_shared",), _SHARING),
    "channel_unshared": Subscription(("channel_unshared",), _SHARING),
    "member_joined_channel": Subscription(("member_joined_channel",), _SHARING),
    "member_left_channel": Subscription(("member_left_channel",), _SHARING),
    "message": Subscription(("message.channels", "message.groups", "message.im", "message.mpim"), _HISTORY),
    "reaction_added": Subscription(("reaction_added",), ("reactions:read",)),
    "reaction_removed": Subscription(("reaction_removed",), ("reactions:read",)),
    "subteam_created": Subscription(("subteam_created",), ("usergroups:read",)),
    "subteam_members_changed": Subscription(("subteam_members_changed",), ("usergroups:read",)),
    "subteam_updated": Subscription(("subteam_updated",), ("usergroups:read",)),
    "tokens_revoked": Subscription(("tokens_revoked",)),
}

REASONS: Final[Mapping[str, str]] = {
    "app_mentions:read": "hear that it is mentioned",
    "assistant:write": "be an agent: the pane beside a channel, its status, suggested questions and stop button",
    "channels:history": "hear follow-ups in the threads of public channels, and read such a thread back",
    "channels:read": "know who is in a public channel before data is shown there",
    "chat:write": "answer",
    "commands": "offer its slash commands and shortcuts",
    "files:read": "see whether a file of its own is in its place",
    "files:write": "give results as files",
    "groups:history": "hear follow-ups in the threads of private channels that it was invited to",
    "groups:read": "know who is in such a private channel before data is shown there",
    "im:history": "hear direct messages",
    "im:write": "write to the asker alone what not everybody may see",
    "mpim:history": "hear group direct messages that it is part of",
    "mpim:read": "know who is in such a group before data is shown there",
    "reactions:read": "hear marks: approve, deny, delete the answer",
    "reactions:write": "mark a question while it works on it",
    "usergroups:read": "know the user groups that policy and approvals name",
    "users:read": "know people's language and time zone, and who is a guest",
}
"""What each scope is for: *to* ... ."""


def scopes_for(methods: Iterable[str], events: Iterable[str]) -> frozenset[str]:
    """For *methods* and for events as listeners name them. KeyError for one whose scopes nobody has looked up."""
    called = {scope for method in methods for scope in METHOD_SCOPES[method]}
    heard = {scope for event in events for scope in SUBSCRIPTIONS[event].scopes}
    return frozenset(called | heard)

"""Every message of the workspace: channels, threads, reactions, and what only one person can see."""

from collections.abc import Callable
from typing import Final, Literal

from bot.local.slack.clock import Timestamps
from bot.local.slack.people import CHANNELS, Channel
from bot.local.slack.shapes import Json, SlackError, objects

_THREAD_FIELDS: Final = ("thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply")

OnChange = Callable[[Literal["message", "deleted", "ephemeral"], str, Json], None]
"""Called with what happened, the channel and the message, after every change."""


class Board:
    """Messages are Slack-shaped objects; the board owns them and hands out the objects themselves."""

    def __init__(self, on_change: OnChange) -> None:
        self.channels: dict[str, Channel] = {channel.id: channel for channel in CHANNELS}
        self.timestamps = Timestamps()
        self.archived: set[str] = set()
        """Channels in which the bot can no longer write."""
        self._messages: dict[str, dict[str, Json]] = {channel: {} for channel in self.channels}
        self.ephemeral: list[Json] = []
        """Oldest first; each names its `channel` and who sees it (`ephemeral_to`). Not saved: Slack forgets them."""
        self._on_change = on_change

    def channel(self, channel: str) -> Channel:
        """Raises channel_not_found."""
        try:
            return self.channels[channel]
        except KeyError:
            raise SlackError("channel_not_found") from None

    def message(self, channel: str, ts: str) -> Json:
        """Raises channel_not_found, message_not_found."""
        self.channel(channel)
        try:
            return self._messages[channel][ts]
        except KeyError:
            raise SlackError("message_not_found") from None

    def add(self, channel: str, message: Json, *, thread_ts: str | None = None) -> Json:
        """Put *message* at the end of *channel*, or of a thread there; gives it its ts.

        Replying to a reply lands in the reply's own thread. Raises channel_not_found, thread_not_found.
        """
        self.channel(channel)
        message = {"type": "message", **message, "ts": self.timestamps.next()}
        if thread_ts is not None:
            root = self._root(channel, thread_ts)
            message["thread_ts"] = root["ts"]
            message["parent_user_id"] = root.get("user")
        self._messages[channel][message["ts"]] = message
        self._on_change("message", channel, message)
        if thread_ts is not None:
            self._count_replies(channel, message["thread_ts"])
        return message

    def change(self, channel: str, ts: str, fields: Json) -> Json:
        """Set *fields* of a message; a field of None is removed. Raises channel_not_found, message_not_found."""
        message = self.message(channel, ts)
        for name, value in fields.items():
            if value is None:
                message.pop(name, None)
            else:
                message[name] = value
        self._on_change("message", channel, message)
        return message

    def delete(self, channel: str, ts: str) -> Json:
        """Raises channel_not_found, message_not_found."""
        message = self.message(channel, ts)
        del self._messages[channel][ts]
        self._on_change("deleted", channel, message)
        root = message.get("thread_ts")
        if root is not None and root != ts and root in self._messages[channel]:
            self._count_replies(channel, root)
        return message

    def whisper(self, channel: str, user: str, message: Json, *, thread_ts: str | None = None) -> Json:
        """Show *message* in *channel* to *user* only."""
        self.channel(channel)
        message = {"type": "message", **message, "ts": self.timestamps.next(), "is_ephemeral": True}
        message |= {"channel": channel, "ephemeral_to": user}
        if thread_ts is not None:
            message["thread_ts"] = thread_ts
        self.ephemeral.append(message)
        self._on_change("ephemeral", channel, message)
        return message

    def history(self, channel: str) -> list[Json]:
        """The top level of *channel*, oldest first."""
        self.channel(channel)
        return [m for m in self._messages[channel].values() if m.get("thread_ts", m["ts"]) == m["ts"]]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The message *ts* and the replies under it, oldest first. Raises thread_not_found."""
        self.channel(channel)
        if ts not in self._messages[channel]:
            raise SlackError("thread_not_found")
        return [m for m in self._messages[channel].values() if m["ts"] == ts or m.get("thread_ts") == ts]

    def everything(self, channel: str) -> list[Json]:
        """Top level and replies, oldest first."""
        return list(self._messages[channel].values())

    def react(self, channel: str, ts: str, name: str, user: str) -> None:
        """Raises message_not_found, already_reacted."""
        reactions = objects(self.message(channel, ts).get("reactions"))
        known = next((reaction for reaction in reactions if reaction["name"] == name), None)
        if known is None:
            fresh: Json = {"name": name, "users": [], "count": 0}
            reactions.append(fresh)
            known = fresh
        if user in known["users"]:
            raise SlackError("already_reacted")
        known["users"].append(user)
        known["count"] = len(known["users"])
        self.change(channel, ts, {"reactions": reactions})

    def unreact(self, channel: str, ts: str, name: str, user: str) -> None:
        """Raises message_not_found, no_reaction."""
        reactions = objects(self.message(channel, ts).get("reactions"))
        known = next(
            (reaction for reaction in reactions if reaction["name"] == name and user in reaction["users"]), None
        )
        if known is None:
            raise SlackError("no_reaction")
        known["users"].remove(user)
        known["count"] = len(known["users"])
        self.change(channel, ts, {"reactions": [r for r in reactions if r["count"]] or None})

    def dump(self) -> Json:
        """What has to survive a restart."""
        return {channel: list(messages.values()) for channel, messages in self._messages.items()}

    def load(self, saved: Json) -> None:
        for channel, messages in saved.items():
            for message in objects(messages):
                self._messages.setdefault(channel, {})[message["ts"]] = message
                self.timestamps.seen(message["ts"])

    def clear(self) -> None:
        """Forget every message; timestamps go on rising."""
        self._messages = {channel: {} for channel in self.channels}
        self.ephemeral.clear()

    def _root(self, channel: str, ts: str) -> Json:
        try:
            message = self._messages[channel][ts]
            return self._messages[channel][message.get("thread_ts", ts)]
        except KeyError:
            raise SlackError("thread_not_found") from None

    def _count_replies(self, channel: str, root_ts: str) -> None:
        replies = [m for m in self._messages[channel].values() if m.get("thread_ts") == root_ts and m["ts"] != root_ts]
        if not replies:
            fields: Json = dict.fromkeys(_THREAD_FIELDS)
            self.change(channel, root_ts, fields)
            return
        users = list(dict.fromkeys(str(reply.get("user")) for reply in replies))
        self.change(
            channel,
            root_ts,
            {
                "thread_ts": root_ts,
                "reply_count": len(replies),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": replies[-1]["ts"],
            },
        )

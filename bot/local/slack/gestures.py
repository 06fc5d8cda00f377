"""What a person does with the hands: presses, chooses, submits, closes, commands, edits, deletes."""

import copy

from bot.local.slack import interactions
from bot.local.slack.api import Api
from bot.local.slack.elements import find_element
from bot.local.slack.envelopes import Envelope
from bot.local.slack.events import changed_event, deleted_event, home_opened_event, rich_text_of, session_stopped_event
from bot.local.slack.people import dm_of
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError


class Gestures:
    def __init__(self, room: Room, api: Api) -> None:
        self._room = room
        self._api = api

    def click(
        self,
        user: str,
        message_ts: str,
        channel: str,
        action_id: str,
        *,
        value: str | None = None,
        choice: Json | None = None,
    ) -> Envelope:
        """Press the element *action_id* of a message. Raises LookupError when the message has none."""
        room = self._room
        message = self._message(user, channel, message_ts)
        block_id, element = find_element(message.get("blocks"), action_id, value)
        action = interactions.action_of(block_id, element, choice or {}, room.board.timestamps)
        envelope = interactions.message_click(
            room.person(user),
            room.board.channel(channel),
            message,
            action,
            trigger_id=room.triggers.issue(user),
            response_url=self._api.response_url(user, channel, message_ts, message.get("thread_ts")),
        )
        return room.courier.send(envelope)

    def click_in_view(
        self, user: str, view_id: str, action_id: str, *, value: str | None = None, choice: Json | None = None
    ) -> Envelope:
        """Press the element *action_id* of a modal or of the Home tab."""
        room = self._room
        _, view = room.views.find(view_id)
        block_id, element = find_element(view["blocks"], action_id, value)
        action = interactions.action_of(block_id, element, choice or {}, room.board.timestamps)
        trigger_id = room.triggers.issue(user, view_id)
        return room.courier.send(interactions.view_click(room.person(user), view, action, trigger_id=trigger_id))

    def submit(self, user: str, view_id: str, values: Json | None = None) -> Envelope:
        """Submit a modal. *values*: block_id to action_id to the element's state; None leaves it as it was shown."""
        _, view = self._room.views.find(view_id)
        state = interactions.empty_state(view["blocks"]) | (values or {})
        trigger_id = self._room.triggers.issue(user, view_id)
        person = self._room.person(user)
        return self._room.courier.send(interactions.view_submission(person, view, state, trigger_id=trigger_id))

    def close_view(self, user: str, view_id: str) -> Envelope | None:
        """Close a modal; the bot hears of it only if the view asked for that."""
        _, view = self._room.views.find(view_id)
        told = dict(view)
        self._room.views.close(user)
        if not view["notify_on_close"]:
            return None
        return self._room.courier.send(interactions.view_closed(self._room.person(user), told, is_cleared=False))

    def command(self, user: str, channel: str, command: str, text: str = "") -> Envelope:
        """Send the slash command *command* (with its slash)."""
        envelope = interactions.slash_command(
            self._room.person(user),
            self._room.board.channel(channel),
            command,
            text,
            trigger_id=self._room.triggers.issue(user),
            response_url=self._api.response_url(user, channel, None, None),
        )
        return self._room.courier.send(envelope)

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Envelope:
        """Choose a shortcut in the menu of a message. Raises LookupError."""
        message = self._message(user, channel, ts)
        envelope = interactions.message_shortcut(
            self._room.person(user),
            self._room.board.channel(channel),
            message,
            callback_id,
            action_ts=self._room.board.timestamps.next(),
            trigger_id=self._room.triggers.issue(user),
            response_url=self._api.response_url(user, channel, None, message.get("thread_ts")),
        )
        return self._room.courier.send(envelope)

    def open_home(self, user: str, tab: str = "home") -> Envelope:
        """Open the bot's Home (or its `messages` tab)."""
        ts = self._room.board.timestamps.next()
        return self._room.announce(home_opened_event(user, dm_of(user), tab, ts))

    def stop_session(self, user: str, channel: str, thread_ts: str) -> Envelope:
        """Press Slack's own stop button under an agent's session: Slack ends its streams and tells the app."""
        board = self._room.board
        streams = [m["ts"] for m in board.thread(channel, thread_ts) if m.get("stream_started") is not None]
        for ts in streams:
            board.change(channel, ts, {"streaming_state": "completed", "stream_started": None})
        event_ts = board.timestamps.next()
        return self._room.announce(session_stopped_event(user, channel, thread_ts, streams=streams, event_ts=event_ts))

    def edit(self, user: str, channel: str, ts: str, text: str) -> Envelope:
        """Put other words into one's own message. Raises LookupError."""
        board, message = self._room.board, self._own(user, channel, ts)
        previous, event_ts = copy.deepcopy(message), board.timestamps.next()
        fields: Json = {"text": text, "blocks": rich_text_of(text), "edited": {"user": user, "ts": event_ts}}
        changed = copy.deepcopy(board.change(channel, ts, fields))
        return self._room.announce(changed_event(board.channel(channel), changed, previous, event_ts))

    def delete(self, user: str, channel: str, ts: str) -> Envelope:
        """Delete one's own message. Raises LookupError."""
        self._own(user, channel, ts)
        board = self._room.board
        deleted = board.delete(channel, ts)
        return self._room.announce(deleted_event(board.channel(channel), deleted, board.timestamps.next()))

    def _own(self, user: str, channel: str, ts: str) -> Json:
        message = self._message(user, channel, ts)
        if message.get("user") != user:
            raise LookupError(f"{ts} is not {user}'s")
        return message

    def _message(self, user: str, channel: str, ts: str) -> Json:
        for message in self._room.board.ephemeral:
            if message["ts"] == ts and message["ephemeral_to"] == user:
                return message
        try:
            return self._room.board.message(channel, ts)
        except SlackError as error:
            raise LookupError(f"{error.code}: {channel} {ts}") from error

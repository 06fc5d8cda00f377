"""The inside of the workspace: what people and the bot do to it, and the events that follow."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import structlog

from bot.local.slack import events
from bot.local.slack.board import Board
from bot.local.slack.courier import Courier
from bot.local.slack.envelopes import Ack, Envelope
from bot.local.slack.files import Files
from bot.local.slack.groups import GROUPS, Group
from bot.local.slack.people import APP, BOT_ID, BOT_USER, PEOPLE, TEAM, Person, bot_person
from bot.local.slack.shapes import Json, SlackError, as_object, objects
from bot.local.slack.triggers import Triggers
from bot.local.slack.views import Views

log = structlog.get_logger(__name__)

Listener = Callable[[Json], None]
"""Told of every change, as the JSON that the page gets."""


class Room:
    def __init__(
        self,
        *,
        bot_name: str,
        flip_mention_order: bool,
        echo_bot_messages: bool,
        make_courier: Callable[["Room"], Courier],
    ) -> None:
        self.bot: Person = bot_person(bot_name)
        self.people: dict[str, Person] = {person.id: person for person in (*PEOPLE, self.bot)}
        self.groups: dict[str, Group] = {group.id: group for group in GROUPS}
        self.flip_mention_order = flip_mention_order
        self.echo_bot_messages = echo_bot_messages
        self.base_url = ""
        """`http://127.0.0.1:PORT`, known once the workspace serves."""
        self.listeners: list[Listener] = []
        self.board = Board(self._board_changed)
        self.triggers = Triggers()
        self.files = Files()
        self.views = Views(lambda user: self.tell(self.screen_of(user)))
        self.courier = make_courier(self)
        self.statuses: dict[tuple[str, str], str] = {}
        """What the bot says it is doing, by channel and thread."""
        self.sessions: dict[tuple[str, str], Json] = {}
        """Agent sessions by channel and thread: `{"status": ..., "title": ...}`."""
        self.prompts: dict[str, Json] = {}
        """What the agent pane offers, by direct message: `{"title": ..., "prompts": [...]}`."""

    def tell(self, change: Json) -> None:
        for listener in list(self.listeners):
            listener(change)

    def person(self, user: str) -> Person:
        """Raises user_not_found."""
        try:
            return self.people[user]
        except KeyError:
            raise SlackError("user_not_found") from None

    def post_as_person(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """A person says *text* (mrkdwn, mentions as `<@U...>`); the bot hears of it as Slack would tell it."""
        team = self.person(user).team
        fields: Json = {"user": user, "team": team, "text": text, "blocks": events.rich_text_of(text)}
        message = self.board.add(channel, fields, thread_ts=thread_ts)
        self.announce_message(channel, message)
        return message

    def join(self, user: str, channel: str) -> None:
        """*user* comes into *channel*, and everybody there reads it."""
        room, person = self.board.channel(channel), self.person(user)
        self.board.channels[channel] = room = replace(room, members=(*room.members, user))
        joined: Json = {"user": user, "team": person.team, "subtype": "channel_join"}
        self.announce_message(channel, self.board.add(channel, joined | {"text": f"<@{user}> has joined the channel"}))
        self.announce(events.member_event("member_joined_channel", user, room, self.board.timestamps.next()))

    def post_as_bot(self, channel: str, fields: Json, thread_ts: str | None = None) -> Json:
        self._must_be_open(channel)
        author: Json = {"user": BOT_USER, "bot_id": BOT_ID, "app_id": APP, "team": TEAM}
        author["bot_profile"] = {"id": BOT_ID, "app_id": APP, "name": self.bot.name, "team_id": TEAM, "deleted": False}
        message = self.board.add(channel, author | fields, thread_ts=thread_ts)
        self.statuses.pop((channel, str(message.get("thread_ts", ""))), None)
        if self.echo_bot_messages:
            self.announce_message(channel, message)
        return message

    def announce_message(self, channel: str, message: Json) -> list[Envelope]:
        """message.*, and app_mention beside it when the post names the bot (not in a DM: Slack sends none there)."""
        room = self.board.channel(channel)
        if BOT_USER not in room.members:
            return []
        told = [events.message_event(room, message)]
        is_ours = message.get("user") == BOT_USER
        if not room.is_dm and not is_ours and events.mentions(str(message.get("text", "")), BOT_USER):
            told.insert(0, events.mention_event(room, message))
            if self.flip_mention_order:
                told.reverse()
        return [self.announce(copy.deepcopy(event)) for event in told]

    def announce(self, event: Json) -> Envelope:
        """Send any event to the bot."""
        channel = self.board.channels.get(str(event.get("channel")))
        is_ext_shared = channel is not None and channel.shared_with is not None
        return self.courier.send(events.event_envelope(event, is_ext_shared=is_ext_shared))

    def change_as_bot(self, channel: str, ts: str, fields: Json) -> Json:
        """Raises message_not_found, is_archived, cant_update_message for what is not the bot's."""
        self._must_be_open(channel)
        present = self.board.message(channel, ts)
        if present.get("bot_id") != BOT_ID:
            raise SlackError("cant_update_message")
        previous = copy.deepcopy(present)
        message = self.board.change(channel, ts, fields)
        if self.echo_bot_messages:
            room = self.board.channel(channel)
            event = events.changed_event(room, copy.deepcopy(message), previous, self.board.timestamps.next())
            self.announce(event)
        return message

    def _must_be_open(self, channel: str) -> None:
        if channel in self.board.archived:
            raise SlackError("is_archived")

    def delete_as_bot(self, channel: str, ts: str) -> None:
        """Raises message_not_found, cant_delete_message."""
        if self.board.message(channel, ts).get("bot_id") != BOT_ID:
            raise SlackError("cant_delete_message")
        message = self.board.delete(channel, ts)
        if self.echo_bot_messages:
            self.announce(events.deleted_event(self.board.channel(channel), message, self.board.timestamps.next()))

    def react(self, user: str, channel: str, ts: str, name: str, *, remove: bool = False) -> None:
        """Raises already_reacted, no_reaction, message_not_found."""
        (self.board.unreact if remove else self.board.react)(channel, ts, name, user)
        kind = "reaction_removed" if remove else "reaction_added"
        message, event_ts = self.board.message(channel, ts), self.board.timestamps.next()
        self.announce(events.reaction_event(kind, user, name, channel=channel, message=message, event_ts=event_ts))

    def whisper(self, channel: str, user: str, fields: Json, thread_ts: str | None = None) -> Json:
        """An ephemeral message of the bot's."""
        author: Json = {"user": BOT_USER, "bot_id": BOT_ID, "app_id": APP, "team": TEAM}
        return self.board.whisper(channel, user, author | fields, thread_ts=thread_ts)

    def set_status(self, channel: str, thread_ts: str, status: str) -> None:
        self.statuses[channel, thread_ts] = status
        if not status:
            del self.statuses[channel, thread_ts]
        self.tell({"type": "status", "channel": channel, "thread_ts": thread_ts, "status": status})

    def set_session(self, channel: str, thread_ts: str, status: str, title: str) -> None:
        self.sessions[channel, thread_ts] = {"status": status, "title": title}
        change = {"type": "session", "channel": channel, "thread_ts": thread_ts}
        self.tell(change | self.sessions[channel, thread_ts])

    def set_prompts(self, channel: str, title: str, prompts: list[Json]) -> None:
        self.prompts[channel] = {"title": title, "prompts": prompts}
        self.tell({"type": "prompts", "channel": channel} | self.prompts[channel])

    def screen_of(self, user: str) -> Json:
        """The change that tells the page which modals *user* has open."""
        home = self.views.homes.get(user)
        return {"type": "views", "user": user, "views": self.views.stack(user), "home": home}

    def on_ack(self, envelope: Envelope, ack: Ack) -> None:
        """What the bot says in an ack reaches a person for a command and a submission only."""
        try:
            self._use_response(envelope, ack.payload or {})
        except SlackError as error:
            # A wrong view or message in the ack: the person sees that it failed, the socket lives on.
            log.warning("local_slack.response_refused", error=error.code, messages=error.messages)
            self.on_unanswered(envelope)

    def _use_response(self, envelope: Envelope, response: Json) -> None:
        if envelope.type == "slash_commands" and (response.get("text") or response.get("blocks")):
            self._answer_command(envelope.payload, response)
        elif envelope.payload.get("type") == "view_submission":
            self._answer_submission(envelope.payload, response)

    def on_unanswered(self, envelope: Envelope) -> None:
        """A gesture the bot did not ack in time: the person is told, as Slack tells them."""
        payload = envelope.payload
        if envelope.type == "slash_commands":
            text = f'{payload["command"]} failed with the error "operation_timeout"'
            self.board.whisper(payload["channel_id"], payload["user_id"], {"user": "USLACKBOT", "text": text})
        elif envelope.type == "interactive":
            user = payload["user"]["id"]
            self.tell({"type": "gesture_failed", "user": user, "gesture": payload["type"], "envelope_id": envelope.id})

    def _answer_command(self, command: Json, response: Json) -> None:
        fields = {"text": response.get("text", ""), "blocks": objects(response.get("blocks"))}
        if response.get("response_type") == "in_channel":
            self.post_as_bot(command["channel_id"], fields)
        else:
            self.whisper(command["channel_id"], command["user_id"], fields)

    def _answer_submission(self, submission: Json, response: Json) -> None:
        user, view_id = submission["user"]["id"], submission["view"]["id"]
        match response.get("response_action"):
            case "errors":
                errors = as_object(response.get("errors"))
                self.tell({"type": "view_errors", "user": user, "view_id": view_id, "errors": errors})
            case "update":
                self.views.update(view_id, as_object(response.get("view")))
            case "push":
                self.views.push(user, as_object(response.get("view")))
            case "clear":
                self.views.clear(user)
            case _:
                self.views.close(user)

    def _board_changed(self, kind: Literal["message", "deleted", "ephemeral"], channel: str, message: Json) -> None:
        change: dict[str, Any] = {"type": kind, "channel": channel, "message": message}
        self.tell(change)

"""What people say and mark, as inbox items. Pure: what is not for us is None, what is malformed is a ParseError."""

import re
from typing import Final

from agent.language import language_of
from agent.turn import StartOver
from bot.channel_rules import EVERYWHERE, ChannelRules
from bot.inbox.items import DecisionRequested, StopRequested, TurnRequested, control_lane
from bot.slack.conversation import conversation_of
from bot.slack.fields import Body, ParseError, id_of, object_of, optional_id, optional_ts, time_of
from bot.slack.identity import Identity
from bot.slack.markup import plain

SPEECH_SUBTYPES: Final = frozenset({None, "file_share", "thread_broadcast", "me_message"})
"""Messages that a person wrote just now; edits, deletions, joins and topic changes are none."""
STOP_WORDS: Final = frozenset({"stop", "중지", "그만", "멈춰", "停止", "止めて", "ストップ"})
"""Only on their own: "stop showing cents" is a wish, not a Stop."""
START_OVER_WORDS: Final = frozenset(
    {
        "start over",
        "new conversation",
        "처음부터",
        "처음부터 다시",
        "새 대화",
        "最初から",
        "最初からやり直し",
        "新しい会話",
    }
)
"""The same: "start over from 2020" is a question."""
YES_MARKS: Final = frozenset({"white_check_mark", "heavy_check_mark", "ballot_box_with_check"})
NO_MARKS: Final = frozenset({"x", "negative_squared_cross_mark", "heavy_multiplication_x"})
"""Signs, not feelings: a thumb on an answer is praise, and must let nothing run."""
_ENDING: Final = re.compile(r"[\s.!。\uff01…~]+$")


def speech_from_event(
    body: Body, me: Identity, rules: ChannelRules = EVERYWHERE
) -> TurnRequested | StopRequested | None:
    """An app_mention or a message.* event. None: by a bot, an edit, or in a channel without a word to us."""
    event = object_of(body, "event")
    subtype = optional_id(event, "subtype")
    if subtype not in SPEECH_SUBTYPES or event.get("bot_id") or event.get("bot_profile"):
        return None
    user = id_of(event, "user")
    if user in (me.bot_user, "USLACKBOT"):
        return None
    team, channel, ts = id_of(body, "team_id"), id_of(event, "channel"), id_of(event, "ts")
    thread_ts = optional_ts(event, "thread_ts")
    raw = event.get("text", "")
    if not isinstance(raw, str):
        raise ParseError("event.text is no text")
    is_dm = event.get("channel_type") == "im" or channel.startswith("D")
    mentions_us = _mention_of(me).search(raw) is not None
    in_thread = thread_ts is not None and thread_ts != ts
    overheard = not (is_dm or mentions_us) and rules.overhears(channel, raw, in_thread=in_thread)
    if not (is_dm or mentions_us or in_thread or overheard):
        return None
    addressed = is_dm or mentions_us
    reply_to, conversation = conversation_of(team, channel, ts, thread_ts, is_dm=is_dm)
    text = plain(_mention_of(me).sub(" ", raw))
    if is_stop(text):
        return StopRequested(
            dedupe_key=f"stop:{team}:{channel}:{ts}",
            conversation=control_lane(conversation),
            spoken_at=time_of(ts),
            target=conversation,
            user=user,
            channel=channel if addressed else None,
            thread_ts=reply_to,
            language=language_of(text),
        )
    return TurnRequested(
        dedupe_key=f"message:{team}:{channel}:{ts}",
        conversation=conversation,
        spoken_at=time_of(ts),
        team=team,
        channel=channel,
        thread_ts=reply_to,
        user=user,
        text=text,
        surface="dm" if is_dm else "channel",
        message_ts=ts,
        addressed=addressed,
        overheard=overheard,
        external=body.get("is_ext_shared_channel") is True,
        preset=StartOver() if is_start_over(text) else None,
    )


def decision_from_reaction(body: Body, me: Identity) -> DecisionRequested | None:
    """A mark that somebody put on a message of ours. None: another emoji, or another's message.

    Taking a mark away again takes no word back: reaction_removed is not listened to.
    """
    event = object_of(body, "event")
    mark = id_of(event, "reaction").partition("::")[0]
    item = object_of(event, "item")
    is_ours = event.get("item_user") == me.bot_user and item.get("type") == "message"
    if mark not in (*YES_MARKS, *NO_MARKS) or not is_ours:
        return None
    user = id_of(event, "user")
    if user == me.bot_user:
        return None
    team, channel, card_ts = id_of(body, "team_id"), id_of(item, "channel"), id_of(item, "ts")
    return DecisionRequested(
        dedupe_key=f"event:{id_of(body, 'event_id')}",
        conversation=control_lane(f"card:{team}:{channel}:{card_ts}"),
        spoken_at=time_of(id_of(event, "event_ts")),
        approve=mark in YES_MARKS,
        approval_id=None,
        card_ts=card_ts,
        team=team,
        channel=channel,
        thread_ts=None,
        user=user,
    )


def is_stop(text: str) -> bool:
    return _ENDING.sub("", text).lower() in STOP_WORDS


def is_start_over(text: str) -> bool:
    return " ".join(_ENDING.sub("", text).lower().split()) in START_OVER_WORDS


def _mention_of(me: Identity) -> re.Pattern[str]:
    return re.compile(rf"<@{re.escape(me.bot_user)}(?:\|[^>]*)?>")

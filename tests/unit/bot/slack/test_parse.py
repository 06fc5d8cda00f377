"""Bodies to items: whose turn it is, in which conversation, and what is nobody's business."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.turn import StartOver
from bot.channel_rules import ChannelRules
from bot.inbox.items import StopRequested, TurnRequested
from bot.slack.clicks import click_of
from bot.slack.fields import ParseError
from bot.slack.identity import Identity
from bot.slack.parse import decision_from_reaction, speech_from_event
from bot.slack.pressed import decision_from_click, sql_view_from_click, stop_from_click, twin_from_click

ME = Identity("T1", "U0BOLT", "B0BOLT")
NOW = Decimal("1795151988.5")


def speech(text: str = "how many orders?", **event: Any) -> dict[str, Any]:
    fields = {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "1712.0001"}
    return {"team_id": "T1", "event_id": "Ev1", "event": {**fields, "text": text, **event}}


def turn(body: dict[str, Any]) -> TurnRequested:
    item = speech_from_event(body, ME)
    assert isinstance(item, TurnRequested)
    return item


def click(action: str, value: str = "v", *, channel: str = "C1", **body: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "channel": {"id": channel},
        "trigger_id": "13.7.abc",
        "message": {"ts": "1713.0", "thread_ts": "1712.0001"},
        "actions": [{"action_id": action, "block_id": "answer:ko", "value": value, "action_ts": "1714.5"}],
        **body,
    }


def test_a_mention_in_a_channel_starts_a_conversation_at_its_own_thread() -> None:
    item = turn(speech("<@U0BOLT> how many orders?"))
    assert item.dedupe_key == "message:T1:C1:1712.0001"
    assert item.conversation == "T1:C1:1712.0001"
    assert (item.thread_ts, item.text, item.surface, item.addressed) == (
        "1712.0001",
        "how many orders?",
        "channel",
        True,
    )
    assert item.spoken_at == Decimal("1712.0001")


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("orders of <mailto:jane@x.com|jane@x.com>?", "orders of jane@x.com?"),
        ("orders of <mailto:jane@x.com>?", "orders of jane@x.com?"),
        ("call <tel:+821012345678|010-1234-5678>", "call 010-1234-5678"),
        ("see <https://example.com/a?b=1>", "see https://example.com/a?b=1"),
        ("what is in <http://shop.orders.id|shop.orders.id>", "what is in shop.orders.id"),
    ],
)
def test_what_slack_made_a_link_is_read_as_it_was_typed(sent: str, typed: str) -> None:
    assert turn(speech(f"<@U0BOLT> {sent}")).text == typed


def test_app_mention_and_message_of_one_post_are_one_item() -> None:
    mention = speech("<@U0BOLT> hi", type="app_mention")
    del mention["event"]["channel_type"]
    assert turn(mention) == turn(speech("<@U0BOLT> hi"))


def test_listed_channels_are_overheard_and_what_is_addressed_to_us_is_not() -> None:
    rules = ChannelRules(overheard=frozenset({"C1"}), keywords=("orders",))
    item = speech_from_event(speech("how many orders?"), ME, rules)
    assert isinstance(item, TurnRequested)
    assert (item.addressed, item.overheard, item.conversation) == (False, True, "T1:C1:1712.0001")
    assert speech_from_event(speech("lunch?"), ME, rules) is None
    for body in (speech("<@U0BOLT> how many orders?"), speech("orders?", channel="D1", channel_type="im")):
        item = speech_from_event(body, ME, rules)
        assert isinstance(item, TurnRequested)
        assert (item.addressed, item.overheard) == (True, False)


def test_a_mention_in_a_thread_goes_on_in_that_thread() -> None:
    item = turn(speech("so <@U0BOLT|databolt>, how many?", thread_ts="1700.1"))
    assert (item.conversation, item.thread_ts, item.text) == ("T1:C1:1700.1", "1700.1", "so  , how many?")


def test_a_dm_is_one_conversation_answered_at_the_top() -> None:
    item = turn(speech(channel="D1", channel_type="im"))
    assert (item.conversation, item.thread_ts, item.surface) == ("T1:D1", None, "dm")


def test_a_thread_in_a_dm_is_a_conversation_of_its_own() -> None:
    item = turn(speech(channel="D1", channel_type="im", thread_ts="1700.1"))
    assert (item.conversation, item.thread_ts) == ("T1:D1:1700.1", "1700.1")


def test_a_message_in_a_thread_without_a_mention_is_not_addressed() -> None:
    assert turn(speech(thread_ts="1700.1")).addressed is False


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"text": "<@U0OTHER> hello"},
        {"text": "<@U0BOLT> hi", "user": "U0BOLT"},
        {"text": "<@U0BOLT> hi", "bot_id": "B7"},
        {"text": "<@U0BOLT> hi", "subtype": "bot_message"},
        {"text": "<@U0BOLT> hi", "subtype": "message_changed"},
        {"text": "<@U0BOLT> hi", "subtype": "message_deleted"},
        {"text": "<@U0BOLT> has joined", "subtype": "channel_join"},
        {"text": "<@U0BOLT> hi", "user": "USLACKBOT"},
    ],
)
def test_what_nobody_said_to_us_is_nothing(event: dict[str, Any]) -> None:
    assert speech_from_event(speech(**event), ME) is None


def test_a_message_with_a_file_is_speech() -> None:
    assert turn(speech("<@U0BOLT> see this", subtype="file_share")).text == "see this"


def test_an_empty_mention_is_an_empty_turn() -> None:
    assert turn(speech("<@U0BOLT>")).text == ""


def test_slacks_markup_is_read_as_it_was_typed() -> None:
    text = "<@U0BOLT> SELECT a FROM <http://shop.orders|shop.orders> WHERE b &lt; 3 &amp;&amp; c in <#C2|sales>"
    assert turn(speech(text)).text == "SELECT a FROM shop.orders WHERE b < 3 && c in #sales"


def test_a_shared_channel_is_external() -> None:
    assert turn({**speech("<@U0BOLT> hi"), "is_ext_shared_channel": True}).external is True


@pytest.mark.parametrize("word", ["stop", "Stop!", "STOP.", "중지", "그만!", "停止", "止めて。", "stop\uff01"])
def test_a_stop_word_on_its_own_stops_the_conversation_it_stands_in(word: str) -> None:
    item = speech_from_event(speech(f"<@U0BOLT> {word}", thread_ts="1700.1"), ME)
    assert isinstance(item, StopRequested)
    assert (item.target, item.conversation) == ("T1:C1:1700.1", "control:T1:C1:1700.1")
    assert (item.dedupe_key, item.channel, item.thread_ts) == ("stop:T1:C1:1712.0001", "C1", "1700.1")


@pytest.mark.parametrize("text", ["stop showing cents", "when did sales stop?", "중지된 주문 수", "please stop"])
def test_a_stop_word_in_a_sentence_is_a_question(text: str) -> None:
    assert isinstance(speech_from_event(speech(f"<@U0BOLT> {text}"), ME), TurnRequested)


@pytest.mark.parametrize(
    "words",
    [
        "start over",
        "Start  over!",
        "New conversation.",
        "처음부터",
        "처음부터 다시",
        "새 대화",
        "最初から。",
        "新しい会話",
    ],
)
def test_start_over_on_its_own_is_a_turn_that_forgets(words: str) -> None:
    item = turn(speech(f"<@U0BOLT> {words}", thread_ts="1700.1"))
    assert (item.preset, item.conversation, item.addressed) == (StartOver(), "T1:C1:1700.1", True)
    assert TurnRequested.model_validate_json(item.model_dump_json()) == item


@pytest.mark.parametrize(
    "text", ["start over from 2020", "처음부터 지금까지 매출", "最初から数えて", "let us start over"]
)
def test_start_over_in_a_sentence_is_a_question(text: str) -> None:
    assert turn(speech(f"<@U0BOLT> {text}")).preset is None


def test_stop_said_to_somebody_else_gets_no_reply() -> None:
    item = speech_from_event(speech("stop", thread_ts="1700.1"), ME)
    assert isinstance(item, StopRequested)
    assert item.channel is None


def test_approve_and_cancel_are_decided_beside_the_turns() -> None:
    approve, cancel = (
        decision_from_click(click("approve", "a7"), NOW),
        decision_from_click(click("cancel", "a7"), NOW),
    )
    assert (approve.approve, cancel.approve) == (True, False)
    assert approve.approval_id == cancel.approval_id == "a7"
    assert approve.conversation == cancel.conversation == "control:approval:a7"
    assert (approve.channel, approve.thread_ts, approve.language) == ("C1", "1712.0001", "ko")
    assert approve.dedupe_key == "click:13.7.abc:1714.5"
    assert approve.spoken_at == NOW


def reaction(mark: str, **event: Any) -> dict[str, Any]:
    item = {"type": "message", "channel": "C1", "ts": "1713.0"}
    fields = {"type": "reaction_added", "user": "U1", "item": item, "item_user": "U0BOLT", "event_ts": "1715.5"}
    return {"team_id": "T1", "event_id": "Ev9", "event": {**fields, "reaction": mark, **event}}


@pytest.mark.parametrize(
    ("mark", "approve"),
    [
        ("white_check_mark", True),
        ("heavy_check_mark", True),
        ("x", False),
        ("negative_squared_cross_mark", False),
    ],
)
def test_a_mark_on_our_message_names_the_card_that_it_stands_on(mark: str, approve: bool) -> None:
    item = decision_from_reaction(reaction(mark), ME)
    assert item is not None
    assert (item.approve, item.approval_id, item.card_ts, item.channel) == (approve, None, "1713.0", "C1")
    assert item.dedupe_key == "event:Ev9"
    assert item.spoken_at == Decimal("1715.5")


@pytest.mark.parametrize(
    "body",
    [
        reaction("+1"),
        reaction("x", item_user="U2"),
        reaction("x", user="U0BOLT"),
        reaction("x", item={"type": "file", "file": "F1"}),
    ],
)
def test_praise_marks_on_others_and_our_own_marks_decide_nothing(body: dict[str, Any]) -> None:
    assert decision_from_reaction(body, ME) is None


def test_a_twin_is_named_by_its_place_in_a_turns_answer() -> None:
    item = twin_from_click(click("twin:2", "2:message:T1:C1:1.0"), NOW)
    assert (item.turn_id, item.index, item.target) == ("message:T1:C1:1.0", 2, "T1:C1:1712.0001")
    for value in ("x:message:T1", "1", "1:", "-1:t", "²:t"):
        with pytest.raises(ParseError):
            twin_from_click(click("twin:0", value), NOW)


def test_a_click_in_a_dm_speaks_in_the_dm() -> None:
    at_top = click_of(click("approve", channel="D1", message={"ts": "1713.0"}))
    under_thread = click_of(click("approve", channel="D1", message={"ts": "1713.0", "thread_ts": "1713.0"}))
    assert at_top.conversation == under_thread.conversation == "T1:D1"
    assert under_thread.thread_ts is None
    assert at_top.is_dm


def test_show_sql_waits_behind_no_turn() -> None:
    item = sql_view_from_click(click("show_sql", "message:T1:C1:1712.0001"), "V1", NOW)
    assert item.conversation == "control:view:V1"
    assert (item.turn_id, item.view_id, item.language) == ("message:T1:C1:1712.0001", "V1", "ko")


def test_the_stop_button_stops_its_own_conversation() -> None:
    item = stop_from_click(click("stop"), NOW)
    assert (item.target, item.channel, item.language) == ("T1:C1:1712.0001", "C1", "ko")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event": None},
        {"event": []},
        {"team_id": "T1", "event": {}},
        speech(user=None),
        speech(user={"id": "U1"}),
        speech(channel="D1", ts="yesterday"),
        speech(channel="D1", ts="NaN"),
        speech(channel="D1", ts="1" * 40),
        speech(thread_ts="soon"),
        speech(ts=1712.5),
        speech(channel=""),
        speech(channel="C" * 2000),
        speech(channel="C\0"),
        speech(subtype=["x"]),
        speech(thread_ts=5),
        speech(text=None, channel="D1"),
        {**speech(channel="D1"), "team_id": None},
    ],
)
def test_a_malformed_event_is_a_parse_error(body: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        speech_from_event(body, ME)


@pytest.mark.parametrize(
    "body",
    [
        {},
        click("unheard_of"),
        click("approve", team=None),
        click("approve", user={}),
        click("approve", channel="X", message=None),
        click("approve", actions=[]),
        click("approve", actions=["approve"]),
        click("approve", actions={"action_id": "approve"}),
        click("approve", value=""),
        click("approve", trigger_id=None),
    ],
)
def test_a_malformed_click_is_a_parse_error(body: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        click_of(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("type", "subtype", "user", "channel", "channel_type", "ts", "thread_ts", "text", "bot_id")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.just("T1") | JSON)
def test_whatever_slack_sends_is_an_item_or_nothing_or_a_parse_error(event: dict[str, Any], team: Any) -> None:
    body = speech("<@U0BOLT> hi")
    body = {**body, "team_id": team, "event": {**body["event"], **event}}
    try:
        item = speech_from_event(body, ME)
    except ParseError:
        return
    assert item is None or item.dedupe_key

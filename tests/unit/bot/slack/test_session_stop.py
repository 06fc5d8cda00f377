"""Slack's own stop button, as an item."""

from typing import Any

import pytest

from bot.slack.fields import ParseError
from bot.slack.session_stop import stop_from_session


def press(**event: Any) -> dict[str, Any]:
    fields = {
        "type": "agent_session_stopped",
        "channel": "C1",
        "user": "U1",
        "thread_ts": "1712.1",
        "event_ts": "1713.5",
        "streaming_message_ts": ["1712.9"],
    }
    return {"team_id": "T1", "event_id": "Ev7", "event": {**fields, **event}}


def test_it_stops_its_thread_and_overtakes_what_runs_there() -> None:
    item = stop_from_session(press())
    assert (item.target, item.otherwise, item.conversation) == ("T1:C1:1712.1", None, "control:T1:C1:1712.1")
    assert (item.dedupe_key, item.user, str(item.spoken_at), item.channel) == ("event:Ev7", "U1", "1713.5", None)


def test_in_a_dm_it_means_the_dm_where_nothing_runs_in_the_thread() -> None:
    item = stop_from_session(press(channel="D1"))
    assert (item.target, item.otherwise) == ("T1:D1:1712.1", "T1:D1")


@pytest.mark.parametrize("event", [{"thread_ts": None}, {"event_ts": "soon"}, {"user": ""}, {"channel": 7}])
def test_what_is_not_as_slack_documents_it_is_dropped(event: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        stop_from_session(press(**event))

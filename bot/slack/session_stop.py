"""Slack's own stop button: `agent_session_stopped`, sent while an agent session of ours is processing. Pure.

Source of the shape: https://docs.slack.dev/reference/events/agent_session_stopped/
"""

from bot.inbox.items import StopRequested, control_lane
from bot.slack.fields import Body, id_of, object_of, time_of


def stop_from_session(body: Body) -> StopRequested:
    """Says nothing where nothing runs: the button goes when the session is done, and a press may come that late."""
    event = object_of(body, "event")
    team, channel, thread_ts = id_of(body, "team_id"), id_of(event, "channel"), id_of(event, "thread_ts")
    target = f"{team}:{channel}:{thread_ts}"
    return StopRequested(
        dedupe_key=f"event:{id_of(body, 'event_id')}",
        conversation=control_lane(target),
        spoken_at=time_of(id_of(event, "event_ts")),
        target=target,
        # What is asked at the top of a DM is the DM's conversation, while Slack has a session for each message there.
        otherwise=f"{team}:{channel}" if channel.startswith("D") else None,
        user=id_of(event, "user"),
    )

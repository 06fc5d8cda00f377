"""Which conversation a place in Slack belongs to."""


def conversation_of(team: str, channel: str, ts: str, thread_ts: str | None, *, is_dm: bool) -> tuple[str | None, str]:
    """The thread to answer in, and the conversation's key."""
    thread = thread_ts if is_dm else thread_ts or ts
    return thread, f"{team}:{channel}:{thread}" if thread else f"{team}:{channel}"

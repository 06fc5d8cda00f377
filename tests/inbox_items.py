"""Items for tests of the inbox and its workers."""

from decimal import Decimal

from bot.inbox.items import StopRequested, TurnRequested, control_lane


def turn(key: str, *, conversation: str = "T1:C1:1.0", at: float = 1.0, text: str = "how many?") -> TurnRequested:
    return TurnRequested(
        dedupe_key=key,
        conversation=conversation,
        spoken_at=Decimal(str(at)),
        team="T1",
        channel="C1",
        thread_ts="1.0",
        user="U1",
        text=text,
        surface="channel",
    )


def stop(key: str, *, target: str = "T1:C1:1.0", at: float = 2.0) -> StopRequested:
    return StopRequested(
        dedupe_key=key, conversation=control_lane(target), spoken_at=Decimal(str(at)), target=target, user="U1"
    )

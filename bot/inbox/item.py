"""What everything in the inbox has in common, and the lanes in which it lies."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict


class InboxItem(BaseModel):
    model_config = ConfigDict(frozen=True)

    dedupe_key: str
    conversation: str
    """Items of one conversation run one at a time, in the order of `spoken_at`."""
    spoken_at: Decimal
    """Slack's ts, else the time of arrival, in seconds."""

    @property
    def log_fields(self) -> dict[str, str]:
        """What every line that is logged while it runs carries."""
        named = {"turn": getattr(self, "turn_id", None), "approval": getattr(self, "approval_id", None)}
        told = {name: value for name, value in named.items() if value is not None}
        return {"item": self.dedupe_key, "conversation": self.conversation, **told}


def control_lane(conversation: str) -> str:
    """The lane beside *conversation*: what lies there is not queued behind the turn that it stops."""
    return f"control:{conversation}"

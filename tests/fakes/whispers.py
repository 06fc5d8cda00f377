"""What one person alone was told."""

from agent.notice import Notice
from agent.turn import Language


class FakeWhispers:
    def __init__(self) -> None:
        self.said: list[tuple[str, str, str, Language]] = []
        """Channel, user, code, language."""

    async def whisper(
        self, channel: str, user: str, notice: Notice, language: Language, *, thread_ts: str | None = None
    ) -> None:
        self.said.append((channel, user, notice.code, language))

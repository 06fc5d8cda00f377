"""Replies in memory."""

from dataclasses import replace

from bot.replies import Reply, Taken


class FakeReplies:
    def __init__(self) -> None:
        self.rows: dict[str, Reply] = {}
        self.failures = 0
        """How many of the next `keep_place` calls fail: a crash right after Slack took the message."""

        self.is_contested = False
        """Somebody else writes that they are about to post, just after we looked."""

    async def find(self, turn_id: str) -> Reply | None:
        return self.rows.get(turn_id)

    async def find_at(self, channel: str, ts: str) -> Reply | None:
        return next((row for row in self.rows.values() if (row.channel, row.ts) == (channel, ts)), None)

    async def keep_place(self, reply: Reply) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the row was not written")
        known = self.rows.get(reply.turn_id)
        self.rows[reply.turn_id] = replace(reply, answer=known.answer if known else None)

    async def take_place(self, reply: Reply) -> Taken:
        known = self.rows.get(reply.turn_id)
        if known is None or known.ts is None:
            await self.keep_place(reply)
        return Taken(self.rows[reply.turn_id], is_first=known is None and not self.is_contested)

    async def keep_answer(self, turn_id: str, answer: str) -> None:
        self.rows[turn_id] = replace(self.rows[turn_id], answer=answer)

    async def forget_answer(self, turn_id: str) -> None:
        self.rows[turn_id] = replace(self.rows[turn_id], answer=None)

    async def has_joined(self, conversation: str) -> bool:
        return any(row.conversation == conversation and row.ts is not None for row in self.rows.values())

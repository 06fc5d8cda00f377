"""A thread of two hundred turns takes no more room in Postgres than one of twenty, and holds its summary."""

import psycopg

from bot.storage.checkpoints import open_savers
from tests.unit.agent.desk import Desk, chat, routed

SLACK_BYTES = 2048
"""Ids and versions of more digits; a summary in place of words."""

_SIZE = """
SELECT (SELECT coalesce(sum(octet_length(c::text)), 0) FROM langgraph.checkpoints AS c)
     + (SELECT coalesce(sum(octet_length(b.blob) + length(b.channel)), 0) FROM langgraph.checkpoint_blobs AS b)
     + (SELECT coalesce(sum(octet_length(w.blob) + length(w.channel)), 0) FROM langgraph.checkpoint_writes AS w)
"""


async def kept_bytes(database_url: str) -> int:
    """What the saver's tables hold, with everything that Postgres compresses spelled out."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await (await connection.execute(_SIZE)).fetchone()
    assert found is not None
    return int(found[0])


async def test_two_hundred_turns_take_no_more_room_than_twenty(database_url: str):
    desk = Desk()
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat("어느 지표를 볼까요? " * 8))
    desk.model.says("fold_history", {"summary": "U1은 지난해 주문을 나라별로 물었다. " * 8})
    sizes: list[int] = []
    async with open_savers(database_url, workers=1) as savers:
        desk.savers = savers
        for number in range(200):
            await desk.ask(f"{number}번째 질문: 지난해 주문을 나라별, 월별로 보여 주세요. " * 3)
            await desk.tidy()
            if number < 20 or number >= 180:
                sizes.append(await kept_bytes(database_url))
    young, old = sizes[:20], sizes[20:]
    assert max(old) <= max(young) + SLACK_BYTES
    assert max(young) < 100_000
    folds = desk.model.asked("fold_history")
    assert 2 < len(folds) < 60
    assert "<notes>" in folds[-1].user

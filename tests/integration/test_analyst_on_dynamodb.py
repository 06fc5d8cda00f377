"""The analyst's memory in DynamoDB: resumed, bounded, and gone when the conversation starts over."""

import pytest

from agent.turn import Progress, StartOver, Step
from bot.storage.dynamo_checkpoints import DynamoTable, open_dynamo_savers
from tests.moto_server import aws_account, dynamo_table, dynamodb, dynamodb_url
from tests.unit.agent.desk import SQL, Desk, drafted, routed

__all__ = ["aws_account", "dynamo_table", "dynamodb_url"]


class Killed(BaseException):
    """The process ends here."""


def question_desk() -> Desk:
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    desk.model.says("fold_history", {"summary": "U1 asked about orders."})
    return desk


def items(table: DynamoTable) -> list[dict[str, object]]:
    with dynamodb(str(table.endpoint_url)) as client:
        return client.scan(TableName=table.name)["Items"]


async def test_a_killed_turn_goes_on_with_the_sql_that_was_priced(dynamo_table: DynamoTable):
    desk = question_desk()

    async def die(progress: Progress) -> None:
        if (progress.step, progress.state) == (Step.RUN, "running"):
            raise Killed

    async with open_dynamo_savers(dynamo_table, workers=1) as savers:
        desk.savers = savers
        desk.on_progress = die
        with pytest.raises(Killed):
            await desk.ask("How many orders?", id="A")
    async with open_dynamo_savers(dynamo_table, workers=1) as savers:  # another process
        desk.savers = savers
        desk.on_progress = desk.note
        answer = await desk.ask("How many orders?", id="A")
        assert (answer.sql, answer.usage.calls) == (SQL, 2)
        assert await desk.ask("How many orders?", id="A") == answer
    assert desk.runner.ran == [SQL]


async def test_a_long_thread_keeps_as_many_items_as_a_short_one(dynamo_table: DynamoTable):
    desk = question_desk()
    counts: list[int] = []
    async with open_dynamo_savers(dynamo_table, workers=1) as savers:
        desk.savers = savers
        for number in range(12):
            await desk.ask(f"question {number}")
            await desk.tidy()
            counts.append(len(items(dynamo_table)))
    assert desk.model.asked("fold_history")
    assert max(counts) == counts[0]


async def test_starting_over_leaves_nothing_of_the_thread_but_its_end(dynamo_table: DynamoTable):
    desk = question_desk()
    async with open_dynamo_savers(dynamo_table, workers=1) as savers:
        desk.savers = savers
        await desk.ask("How many orders in Xanadu?")
        await desk.ask("start over", preset=StartOver())
        async with savers.slot() as saver:
            kept = [found async for found in saver.alist({"configurable": {"thread_id": "T:C:1"}})]
    assert len(kept) == 1
    assert "Xanadu" not in str(kept)
    assert {str(item["PK"]["S"]).split("_")[0] for item in items(dynamo_table)} <= {"CHECKPOINT", "CHUNK"}  # type: ignore[index]

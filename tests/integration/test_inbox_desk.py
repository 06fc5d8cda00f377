"""`botctl inbox` and `botctl turns tail` on a real Postgres: what is shown, what is moved, and what is left alone."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agent.audit import AuditEntry
from agent.spend import Payers
from agent.turn import Action, Answer, Route, Usage
from bot.cli.main import main
from bot.cli.turns import follow
from bot.inbox.attempt import Attempt
from bot.inbox.inbox import Claim
from bot.inbox.items import BudgetAsked, Item
from bot.inbox.retry import Dropped, RetryPolicy
from bot.inbox.runner import AttemptRunner, Outcome
from bot.replies import Reply, encode_answer
from bot.storage.audit import PostgresAudit
from bot.storage.database import Database, open_database
from bot.storage.finished_turns import finished_turns
from bot.storage.inbox import PostgresInbox
from bot.storage.inbox_desk import InboxDesk
from bot.storage.replies import PostgresReplies
from tests.inbox_items import turn

LATER = timedelta(hours=1)
EVERY = ("waiting", "retrying", "running", "failed", "done")


async def states(database: Database) -> dict[str, str]:
    return {line.key: line.state for line in await InboxDesk(database).lines(EVERY, limit=100)}


async def claimed(inbox: PostgresInbox, key: str, **where: object) -> Claim:
    await inbox.put(turn(key, **where))  # type: ignore[arg-type]
    return next(claim for claim in await inbox.claim(8) if claim.item.dedupe_key == key)


async def test_each_item_is_listed_in_its_state(database: Database) -> None:
    async with PostgresInbox(database).listening() as inbox:
        await inbox.bury(await claimed(inbox, "f", conversation="c1", at=1), "Boom: no")
        await inbox.retry(await claimed(inbox, "r", conversation="c2", at=2), "Busy", LATER)
        await inbox.complete(await claimed(inbox, "d", conversation="c3", at=3))
        await claimed(inbox, "x", conversation="c4", at=4)
        await inbox.put(turn("w", conversation="c4", at=5))
        assert await states(database) == {
            "f": "failed",
            "r": "retrying",
            "d": "done",
            "x": "running",
            "w": "waiting",
        }
        (failed,) = await InboxDesk(database).lines(["failed"], limit=5)
        assert (failed.error, failed.attempts, failed.is_overdue) == ("Boom: no", 1, False)
        assert [line.key for line in await InboxDesk(database).lines(EVERY, limit=2)] == ["x", "w"]


async def test_a_dead_letter_that_is_tried_again_is_claimed_as_a_further_attempt_without_failures(
    database: Database,
) -> None:
    async with PostgresInbox(database).listening() as inbox:
        first = await claimed(inbox, "a")
        await inbox.bury(first, "Boom")
        assert await InboxDesk(database).retry("a") == "moved"
        (again,) = await inbox.claim(8)
        assert (again.item, again.attempt, again.failures) == (first.item, 2, 0)
        assert not await inbox.complete(first)
        assert await states(database) == {"a": "running"}
        assert await inbox.complete(again)
        assert not await inbox.put(turn("a"))  # Slack's redelivery is still known


async def test_a_worker_is_woken_by_a_retry(database: Database) -> None:
    async with PostgresInbox(database).listening() as inbox:
        await inbox.bury(await claimed(inbox, "a"), "Boom")
        inbox.wake.clear()
        await InboxDesk(database).retry("a")
        async with asyncio.timeout(30):
            await inbox.wake.wait()


async def test_what_waits_for_its_next_try_is_taken_at_once(database: Database) -> None:
    async with PostgresInbox(database).listening() as inbox:
        await inbox.retry(await claimed(inbox, "a"), "Busy", LATER)
        assert await inbox.claim(8) == []
        (line,) = await InboxDesk(database).lines(EVERY, limit=1)
        assert await InboxDesk(database).retry(str(line.id)) == "moved"
        assert [claim.failures for claim in await inbox.claim(8)] == [0]


async def test_what_is_dropped_while_it_waits_is_given_up_and_the_person_is_told(database: Database) -> None:
    told: list[tuple[str, str]] = []

    async def tell(item: Item, error: Exception) -> None:
        assert isinstance(error, Dropped)
        told.append((item.dedupe_key, str(error)))

    async with PostgresInbox(database).listening() as inbox:
        await inbox.put(turn("a"))
        assert await InboxDesk(database).drop("a", by="ann") == "moved"
        (claim,) = await inbox.claim(8)
        runner = AttemptRunner(inbox, _unexpected, tell, RetryPolicy())
        assert await runner.run(Attempt(claim)) is Outcome.BURIED
    assert told == [("a", "dropped by ann")]
    (line,) = await InboxDesk(database).lines(["failed"], limit=1)
    assert line.error == "dropped by ann"


async def _unexpected(attempt: Attempt) -> None:
    raise AssertionError("what is dropped is not run")


async def test_a_drop_is_undone_by_a_retry(database: Database) -> None:
    async with PostgresInbox(database).listening() as inbox:
        await inbox.put(turn("a"))
        await InboxDesk(database).drop("a", by="ann")
        await InboxDesk(database).retry("a")
        assert [claim.failures for claim in await inbox.claim(8)] == [0]


async def test_a_dead_letter_that_is_dropped_is_done_and_says_who_did_it(database: Database) -> None:
    async with PostgresInbox(database).listening() as inbox:
        await inbox.bury(await claimed(inbox, "a"), "Boom")
        assert await InboxDesk(database).drop("a", by="ann") == "moved"
        (line,) = await InboxDesk(database).lines(["done"], limit=1)
        assert line.error == "Boom (dropped by ann)"
        assert await inbox.claim(8) == []


@pytest.mark.parametrize("word", ["retry", "drop"])
async def test_what_runs_and_what_is_done_is_left_alone(database: Database, word: str) -> None:
    desk = InboxDesk(database)
    move: Callable[[str], Awaitable[str]] = desk.retry if word == "retry" else lambda name: desk.drop(name, by="ann")
    async with PostgresInbox(database).listening() as inbox:
        await inbox.complete(await claimed(inbox, "d", conversation="c1"))
        held = await claimed(inbox, "x", conversation="c2")
        assert (await move("d"), await move("x"), await move("nobody")) == ("done", "runs", "unknown")
        assert await inbox.complete(held)


def an_answer(text: str) -> Answer:
    return Answer("t", "en", Route(Action.SQL_GENERATE, 0.9, ""), text=text)


async def finish(database: Database, key: str, *, answer: Answer | None = None) -> None:
    async with PostgresInbox(database).listening() as inbox:
        claim = await claimed(inbox, key, conversation=f"T1:C1:{key}")
        if answer is not None:
            await PostgresReplies(database).keep_place(Reply(key, claim.item.conversation, "C1", None, ts="1.5"))
            await PostgresReplies(database).keep_answer(key, encode_answer(answer))
        await inbox.complete(claim)


async def test_finished_turns_are_told_with_what_the_audit_says_of_them(database: Database) -> None:
    await finish(database, "quiet")
    await finish(database, "asked", answer=an_answer("42 orders"))
    for number, kind in enumerate(("model", "model", "job", "decision")):
        entry = AuditEntry(
            f"{kind}{number}", kind, datetime.now(UTC), "asked", "c", Payers("T1", "U1", "C1"), "v1",
            job_id="j1" if kind == "job" else None,
            bytes_billed=10_485_760 if kind == "job" else None,
            cost_usd=Decimal("0.25"),
            usage=Usage(1, 100, 20) if kind == "model" else Usage(),
        )  # fmt: skip
        await PostgresAudit(database).record(entry)
    quiet, asked = await finished_turns(database, limit=10)
    assert (quiet.turn_id, quiet.has_reply, quiet.usd) == ("quiet", False, None)
    assert (asked.turn_id, asked.bytes_billed, asked.usd) == ("asked", 10_485_760, Decimal("0.75"))
    assert (asked.input_tokens, asked.output_tokens, asked.jobs) == (200, 40, ("j1",))
    assert [one.turn_id for one in await finished_turns(database, limit=1)] == ["asked"]
    only = await finished_turns(database, conversation="T1:C1:quiet", limit=10)
    assert [one.turn_id for one in only] == ["quiet"]


async def test_turns_are_followed_from_the_last_ones_on_and_each_is_told_once(database: Database) -> None:
    for key in "abc":
        await finish(database, key)
    async with aclosing(follow(database, None, lines=2, look_seconds=0.01)) as turns, asyncio.timeout(60):
        assert [(await anext(turns)).turn_id for _ in range(2)] == ["b", "c"]
        await finish(database, "d")
        assert (await anext(turns)).turn_id == "d"
        await finish(database, "e")
        assert (await anext(turns)).turn_id == "e"


async def _in(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    async with open_database(url) as database:
        await work(database)


async def _fill(database: Database) -> None:
    await finish(database, "t", answer=an_answer("planted words"))
    async with PostgresInbox(database).listening() as inbox:
        await inbox.bury(await claimed(inbox, "a", text="planted words"), "InvalidQuery: planted words")
        await inbox.put(
            BudgetAsked(
                dedupe_key="b",
                conversation="c",
                spoken_at=Decimal(2),
                team="T1",
                channel="C1",
                user="U1",
                address="https://planted.example",
            )
        )


def test_what_people_said_is_shown_when_it_is_asked_for_only(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    asyncio.run(_in(database_url, _fill))
    for words in (("inbox", "list"), ("inbox", "list", "--json"), ("turns", "tail"), ("turns", "tail", "--json")):
        assert main([*words]) == 0
    shown = capsys.readouterr().out
    assert "planted" not in shown
    assert shown.count("InvalidQuery") == 4
    assert [line.split()[1:3] for line in shown.splitlines() if "attempts=" in line] == [
        ["answered", "sql_generate"],
        ["failed", "-"],
    ]
    assert main(["inbox", "list", "--json", "--words"]) == 0
    failed, waiting = map(json.loads, capsys.readouterr().out.splitlines())
    assert (failed["words"], failed["error"]) == ("planted words", "InvalidQuery: planted words")
    assert waiting["words"] is None


def test_moving_is_told_in_one_sentence(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    asyncio.run(_in(database_url, _fill))
    assert main(["inbox", "retry", "a"]) == 0
    assert main(["inbox", "drop", "b"]) == 0
    assert main(["inbox", "drop", "t"]) == 2
    assert main(["inbox", "retry", "nothing"]) == 2
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "a is queued again, to be taken at once.",
        "b is dropped; who waits for it is told by the next worker that is free.",
    ]
    assert told.err.splitlines() == [
        "botctl: t is done.",
        "botctl: There is no item nothing: `botctl inbox list` has the ids.",
    ]
    assert main(["inbox", "list"]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["waiting", "retrying"]


def test_a_database_that_is_not_there_is_told_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    for words in (
        "inbox list",
        "turns tail",
        "budget show",
        "budget set --user each --per day --usd 1",
        "audit export --since 1d",
        "db backup",
        "db move --to postgresql://127.0.0.1:1/other",
    ):
        assert main(words.split()) == 2, words
        assert "try it with sudo" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()

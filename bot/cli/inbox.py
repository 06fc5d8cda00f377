"""`botctl inbox`: what waits, runs and failed; a dead letter tried again, or dropped."""

import argparse
import asyncio
import getpass
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, get_args

from bot.cli.ages import age_text
from bot.cli.errors import CommandError
from bot.cli.records import open_existing_records
from bot.inbox.items import ITEM, CommandSpoken, FeedbackGiven, MessageEdited, TurnRequested
from bot.inbox.retry import DROPPED
from bot.settings import load_settings
from bot.storage.inbox_desk import InboxDesk, InboxLine, Moved, State

_OPEN: Final[tuple[State, ...]] = tuple(state for state in get_args(State) if state != "done")


async def inbox_list(options: argparse.Namespace) -> int:
    async with _desk() as desk:
        lines = await desk.lines(options.state or _OPEN, limit=options.limit)
    if options.json:
        for line in lines:
            print(json.dumps(line_json(line, words=options.words), ensure_ascii=False))
    elif not lines:
        print("Nothing there.", file=sys.stderr)
    else:
        now = datetime.now(UTC)
        print("\n".join(line_text(line, now, words=options.words) for line in lines))
    return 0


async def inbox_retry(options: argparse.Namespace) -> int:
    async with _desk() as desk:
        _tell(await desk.retry(options.id), options.id, "is queued again, to be taken at once")
    return 0


async def inbox_drop(options: argparse.Namespace) -> int:
    async with _desk() as desk:
        moved = await desk.drop(options.id, by=os.environ.get("SUDO_USER") or getpass.getuser())
    _tell(moved, options.id, "is dropped; who waits for it is told by the next worker that is free")
    return 0


def line_text(line: InboxLine, now: datetime, *, words: bool) -> str:
    """One line: id, state, kind, age, key; then what is the matter. No words of people without *words*."""
    told = [f"{line.id:>6}  {line.state:<8}  {line.kind:<12}  {age_text(now - line.put_at):>8}  {line.key}"]
    if line.state == "retrying" and line.run_after > now:
        told.append(f"again in {age_text(line.run_after - now)}")
    if line.failures:
        told.append(f"failed {line.failures} times")
    if line.is_overdue:
        told.append("its worker is gone")
    if error := _error(line, words=words):
        told.append(_harmless(error))
    if words and (said := _words(line)):
        told.append(f'"{_harmless(said)}"')
    return "  ".join(told)


def _harmless(text: str) -> str:
    """On one line, and with no character that a terminal obeys."""
    return "".join(character if character.isprintable() else " " for character in text)


def line_json(line: InboxLine, *, words: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": line.id,
        "item": line.key,
        "conversation": line.conversation,
        "kind": line.kind,
        "state": line.state,
        "attempts": line.attempts,
        "failures": line.failures,
        "put_at": line.put_at.isoformat(),
        "run_after": line.run_after.isoformat(),
        "finished_at": line.finished_at and line.finished_at.isoformat(),
        "is_overdue": line.is_overdue,
        "error": _error(line, words=words),
    }
    return told | ({"words": _words(line)} if words else {})


def _error(line: InboxLine, *, words: bool) -> str | None:
    """Its class alone without *words*: a message may quote the question, or SQL with values."""
    if line.error is None or words:
        return line.error
    return line.error if line.error.startswith(DROPPED) else line.error.partition(":")[0][:80]


def _words(line: InboxLine) -> str | None:
    """What somebody said, and nothing else of the payload: an address in it is a secret."""
    try:
        item = ITEM.validate_json(line.payload)
    except ValueError:  # put by another version
        return None
    match item:
        case TurnRequested() | CommandSpoken():
            return item.text
        case FeedbackGiven():
            return item.words
        case MessageEdited():
            return item.turn.text
        case _:
            return None


def _tell(moved: Moved, name: str, what: str) -> None:
    match moved:
        case "moved":
            print(f"{name} {what}.")
        case "unknown":
            raise CommandError(f"There is no item {name}: `botctl inbox list` has the ids.")
        case "runs":
            raise CommandError(f"{name} runs: it is its worker's. Stop it in Slack, or wait for its lease to end.")
        case "done":
            raise CommandError(f"{name} is done.")


@asynccontextmanager
async def _desk() -> AsyncGenerator[InboxDesk]:
    async with open_existing_records(await asyncio.to_thread(load_settings)) as database:
        yield InboxDesk(database)

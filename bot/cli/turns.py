"""`botctl turns tail`: one line for each turn that finished, as the log's canonical line has it: never words or rows.

They are read from Postgres, so it works wherever the database is reached, on any VM of a team of them.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Final

from bot.cli.records import open_existing_records
from bot.inbox.retry import DROPPED
from bot.replies import decode_answer
from bot.settings import load_settings
from bot.storage.database import Database, StorageUnavailable
from bot.storage.finished_turns import LATE, FinishedTurn, finished_turns
from bot.turn_outcome import turn_outcome

LOOK_SECONDS: Final = 1.0
MOST_AT_ONCE: Final = 500
"""Looked at in one go; of more that finish within LOOK_SECONDS the oldest are left out."""


async def turns_tail(options: argparse.Namespace) -> int:
    async with open_existing_records(await asyncio.to_thread(load_settings)) as database:
        where, lines = options.conversation, options.lines
        turns = follow(database, where, lines=lines) if options.follow else _last(database, where, lines)
        async for turn in turns:
            facts = turn_facts(turn)
            print(json.dumps(facts) if options.json else turn_text(facts), flush=True)
    return 0


async def _last(database: Database, conversation: str | None, lines: int) -> AsyncGenerator[FinishedTurn]:
    for turn in await finished_turns(database, conversation=conversation, limit=lines):
        yield turn


async def follow(
    database: Database, conversation: str | None, *, lines: int, look_seconds: float = LOOK_SECONDS
) -> AsyncGenerator[FinishedTurn]:
    """The last *lines*, then each that finishes, once; it waits for a database that is away. Never ends."""
    seen: dict[int, datetime] = {}
    newest: datetime | None = None
    is_first, is_away = True, False
    while True:
        try:
            found = await finished_turns(database, since=newest, conversation=conversation, limit=MOST_AT_ONCE)
        except StorageUnavailable as error:
            if not is_away:
                print(f"botctl: {error}: waiting for it ...", file=sys.stderr)
            is_away = True
        else:
            for turn in found[-lines:] if is_first else found:
                if turn.id not in seen:
                    yield turn
            is_first = is_away = False
            seen |= {turn.id: turn.finished_at for turn in found}
            if seen:
                newest = max(seen.values())
                seen = {turn: at for turn, at in seen.items() if at > newest - LATE}  # older ones are not found again
        await asyncio.sleep(look_seconds)


def turn_facts(turn: FinishedTurn) -> dict[str, Any]:
    """What is not known of a turn is not there."""
    facts: dict[str, Any] = {
        "at": turn.finished_at.isoformat(timespec="seconds"),
        "turn": turn.turn_id,
        "conversation": turn.conversation,
        **_of_answer(turn),
        "seconds": round(turn.took.total_seconds(), 1),
        "attempts": turn.attempts,
        "bytes": turn.bytes_billed or None,
        "usd": None if turn.usd is None else float(turn.usd),
        "tokens_in": turn.input_tokens or None,
        "tokens_out": turn.output_tokens or None,
        "jobs": list(turn.jobs) or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _of_answer(turn: FinishedTurn) -> dict[str, Any]:
    error = turn.error or ""
    if turn.is_buried and error.startswith(DROPPED):
        return {"outcome": "stopped"}
    if turn.is_buried or f" ({DROPPED}" in error:  # `inbox drop` is done with a dead letter: it had failed all the same
        return {"outcome": "failed", "error": error.partition(":")[0] or None}
    if turn.answer is None:
        return {"outcome": "answered" if turn.has_reply else "silent"}
    try:
        answer = decode_answer(turn.answer)
    except ValueError:  # written by another version
        return {"outcome": "answered"}
    return {
        "outcome": turn_outcome(answer),
        "action": answer.route.action.value if answer.route else None,
        "decision": answer.decision.value if answer.decision else None,
        "error": answer.error,
        "language": answer.language,
    }


def turn_text(facts: dict[str, Any]) -> str:
    first = ("at", "outcome", "action")
    shown = [str(facts["at"]), f"{facts['outcome']:<8}", f"{facts.get('action') or '-':<20}"]
    for name, value in facts.items():
        if name not in first:
            shown.append(f"{name}={','.join(value) if isinstance(value, list) else value}")
    return "  ".join(shown)

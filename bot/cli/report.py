"""What `simulate` prints: one JSON object, or what a person would read."""

import json
import re
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from agent.turn import Answer

_MOMENT = re.compile(r"<!date\^[^|>]*\|([^>]*)>")


@dataclass(frozen=True, slots=True)
class Simulated:
    """One simulated question and what came back."""

    answer: Answer | None
    """None when nothing was said: the message was not for the bot, or it ended without an answer (help, a refusal)."""
    messages: tuple[str, ...]
    """The texts that the person sees, as Slack spells them."""
    channel: str
    thread_ts: str | None
    seconds: float
    error: str | None = None


def as_json(simulated: Simulated) -> dict[str, Any]:
    """The object of `--json`. Rows are lists: INT64 is int, FLOAT64 float, NUMERIC, dates and timestamps strings."""
    answer = simulated.answer
    route = answer.route if answer else None
    table = answer.table if answer else None
    messages = [_as_read(text) for text in simulated.messages]
    return {
        "action": route.action if route else None,
        "route": {
            "action": route.action,
            "confidence": route.confidence,
            "reason": route.reason,
            "fallback_used": route.fallback_used,
        }
        if route
        else None,
        "sql": answer.sql if answer else None,
        "decision": answer.decision if answer else None,
        "bytes_estimated": answer.bill.bytes_estimated if answer else None,
        "bytes_billed": answer.bill.bytes_billed if answer else None,
        "cost_usd": answer.bill.cost_usd if answer else None,
        "columns": [column.name for column in table.columns] if table else [],
        "rows": [list(row) for row in table.rows] if table else [],
        "answer": messages[-1] if messages else None,
        "assumptions": list(answer.assumptions) if answer else [],
        "next_questions": list(answer.next_questions) if answer else [],
        "choices": [{"label": choice.label, "text": choice.text} for choice in answer.choices] if answer else [],
        "messages": messages,
        "channel": simulated.channel,
        "thread_ts": simulated.thread_ts,
        "seconds": round(simulated.seconds, 2),
        "error": simulated.error or (answer.error if answer else None),
    }


def print_simulated(simulated: Simulated, *, as_json_object: bool) -> None:
    if as_json_object:
        print(json.dumps(as_json(simulated), ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False, markup=False)
    for text in simulated.messages or ("(nothing was said)",):
        console.print(_as_read(text), soft_wrap=True)


def _as_read(text: str) -> str:
    """As a terminal shows it: a moment in the words that Slack keeps for those who cannot word it themselves."""
    return _MOMENT.sub(r"\1", text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

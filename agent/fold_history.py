"""Folding: what a conversation has no room for any more becomes a few sentences, by one bounded model call."""

import asyncio
from typing import Annotated

import structlog
from pydantic import Field

from agent.errors import ModelError
from agent.history import MAX_MESSAGES, PROMPT_CHARS, cut, outgrown
from agent.llm.model import Meter, Model, Shape
from agent.llm.prompts import PromptFile, fenced
from agent.state import Message, State, Summary, Update

log = structlog.get_logger(__name__)

FOLD_SECONDS = 60.0
"""Longest wait for a summary: the conversation's next turn waits as long."""
MAX_SUMMARY_CHARS = 700
MAX_LINE_CHARS = 490
assert MAX_MESSAGES * (MAX_LINE_CHARS + 1) <= PROMPT_CHARS, "all that is folded has its place in the prompt"
_PROMPT = PromptFile.read("fold_history", max_tokens=500)


class Notes(Shape):
    summary: Annotated[str, Field(max_length=MAX_SUMMARY_CHARS)]


async def fold_history(model: Model, state: State, budget: int, meter: Meter) -> Update | None:
    """The conversation with its older part folded into the summary; None while all of it fits into *budget* tokens.

    When the model does not do its part the older messages are dropped and the summary stays as it was: a thread that
    forgets is better than one that grows.
    """
    messages = state.get("messages", [])
    count = outgrown(messages, budget)
    if not count:
        return None
    summary = state.get("summary") or Summary(text="", messages=0)
    try:
        async with asyncio.timeout(FOLD_SECONDS):
            text = await _summarised(model, summary, messages[:count], meter)
    except (ModelError, TimeoutError) as error:
        log.warning("history.trimmed", messages=count, error=type(error).__name__)
        return {"messages": messages[count:]}
    log.info(
        "history.folded", messages=count, tokens=meter.usage.input_tokens + meter.usage.output_tokens, chars=len(text)
    )
    return {"messages": messages[count:], "summary": Summary(text=text, messages=summary["messages"] + count)}


async def _summarised(model: Model, summary: Summary, older: list[Message], meter: Meter) -> str:
    said = "\n".join(_line(message) for message in older)
    prompt = _PROMPT.fill(
        notes=fenced("notes", summary["text"], limit=MAX_SUMMARY_CHARS) if summary["text"] else "",
        older=fenced("conversation", said, limit=PROMPT_CHARS),
    )
    notes = await model.ask(prompt, Notes, meter)
    # Values that were hidden from the model may be longer than the names it knew them by.
    return cut(notes.summary.strip(), MAX_SUMMARY_CHARS)


def _line(message: Message) -> str:
    speaker = "bot" if message["role"] == "bot" else message["user"] or "person"
    return cut(f"{speaker}: {' '.join(message['text'].split())}", MAX_LINE_CHARS)

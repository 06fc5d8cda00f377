"""The conversation that the thread remembers: appended once, and bounded however long the thread grows.

The newest messages are kept word for word up to a token budget; what is older is folded into a summary
(`agent.fold_history`) once the budget is passed, and half of it is free again afterwards: one model call in many turns.
"""

from collections.abc import Iterable, Sequence

from agent.state import Message, Summary
from agent.tokens import estimate_tokens

MAX_MESSAGES = 20
"""Kept at any time; a conversation that is tidied after each turn stays below."""
MAX_MESSAGE_CHARS = 1200
FOLD_AT_MESSAGES = 16
PROMPT_CHARS = MAX_MESSAGES * 500
"""No conversation is longer in a prompt; `told` cuts it by tokens long before."""
PROMPT_LINE_CHARS = 400
ROWS_PER_ANSWER = 1
"""Result rows that a remembered answer brings into later prompts."""
MOST_ROWS_IN_A_PROMPT = 20
assert MAX_MESSAGES * ROWS_PER_ANSWER <= MOST_ROWS_IN_A_PROMPT, "rows reach prompts by the history, and only by it"
_MARK = " […]"


def remember(messages: Sequence[Message], new: Iterable[Message]) -> list[Message]:
    """*messages* and those of *new* that are not yet among them, trimmed to the newest."""
    known = {message["id"] for message in messages}
    fresh = [
        Message(
            id=message["id"], role=message["role"], user=message["user"], text=cut(message["text"], MAX_MESSAGE_CHARS)
        )
        for message in new
        if message["id"] not in known
    ]
    return [*messages, *fresh][-MAX_MESSAGES:]


def cut(text: str, limit: int) -> str:
    """The beginning of *text*, marked where it breaks off: half a mail address is still hidden from the model."""
    return text if len(text) <= limit else text[: limit - len(_MARK)] + _MARK


def told(messages: Sequence[Message], *, but: str, tokens: int, summary: Summary | None = None) -> str:
    """The conversation for a prompt: the summary, then the newest messages that *tokens* have room for.

    Without the message whose id is *but*: the one being answered. What is told is data, to be fenced by the caller.
    """
    lines: list[str] = []
    for message in reversed(messages):
        if message["id"] == but:
            continue
        line = line_of(message)
        tokens -= estimate_tokens(line)
        if tokens < 0 and lines:
            break
        lines.append(line)
    if summary and summary["text"]:
        lines.append(f"(earlier, in short) {_one_line(summary['text'])}")
    return "\n".join(reversed(lines))


def outgrown(messages: Sequence[Message], budget: int) -> int:
    """How many of the oldest messages are to be folded; 0 while all of them fit into *budget* tokens."""
    costs = [estimate_tokens(line_of(message)) for message in messages]
    if sum(costs) <= budget and len(messages) <= FOLD_AT_MESSAGES:
        return 0
    kept = room = 0
    for cost in reversed(costs):
        room += cost
        if kept and (room > budget // 2 or kept >= FOLD_AT_MESSAGES // 2):
            break
        kept += 1
    return len(messages) - kept


def line_of(message: Message) -> str:
    """One utterance as prompts show it: one line, so that nobody speaks in another one's name."""
    speaker = "you" if message["role"] == "bot" else message["user"] or "person"
    return cut(f"{speaker}: {_one_line(message['text'])}", PROMPT_LINE_CHARS)


def _one_line(text: str) -> str:
    return " ".join(text.split())

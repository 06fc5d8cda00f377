"""The conversation that the thread remembers: appended once, and bounded however long the thread grows."""

from collections.abc import Iterable, Sequence

from agent.state import Message

MAX_MESSAGES = 20
MAX_MESSAGE_CHARS = 1200
MAX_TOTAL_CHARS = 8000
PROMPT_CHARS = 1500
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
    return _newest([*messages, *fresh])


def _newest(messages: Sequence[Message]) -> list[Message]:
    kept: list[Message] = []
    chars = 0
    for message in reversed(messages[-MAX_MESSAGES:]):
        chars += len(message["text"])
        if chars > MAX_TOTAL_CHARS and kept:
            break
        kept.append(message)
    kept.reverse()
    return kept


def cut(text: str, limit: int) -> str:
    """The beginning of *text*, marked where it breaks off: half a mail address is still hidden from the model."""
    return text if len(text) <= limit else text[: limit - len(_MARK)] + _MARK


def told(messages: Sequence[Message], *, but: str, limit: int = PROMPT_CHARS) -> str:
    """The conversation for a prompt, newest kept, without the message whose id is *but* (the one being answered)."""
    lines: list[str] = []
    chars = 0
    for message in reversed(messages):
        if message["id"] == but:
            continue
        speaker = "you" if message["role"] == "bot" else message["user"] or "person"
        line = cut(f"{speaker}: {' '.join(message['text'].split())}", PROMPT_LINE_CHARS)
        chars += len(line) + 1
        if chars > limit:
            break
        lines.append(line)
    return "\n".join(reversed(lines))

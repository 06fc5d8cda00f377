"""The message enters the conversation, after what the thread said before we were called; or the conversation ends."""

from langgraph.runtime import Runtime

from agent.context import Context
from agent.history import remember
from agent.notice import Notice
from agent.reading import spoken_language
from agent.sql.blocks import sql_in
from agent.sql.generate import MAX_QUESTION_CHARS
from agent.state import Message, State, Summary, Update, Work
from agent.turn import StartOver
from agent.worksheet import jot


async def ingest(state: State, runtime: Runtime[Context]) -> Update:
    context = runtime.context
    turn = context.turn
    known = state.get("messages", [])
    work: Work = {"language": spoken_language(known, turn)}
    if isinstance(turn.preset, StartOver):
        return await _forget(state, context, work)
    # Only a conversation that begins here: later on the thread's words are ours, or were not for us.
    before = [
        Message(id=f"{turn.id}:thread:{number}", role="person", user=heard.user, text=heard.text)
        for number, heard in enumerate(() if known else turn.thread)
    ]
    said = Message(id=f"{turn.id}:person", role="person", user=turn.actor.user, text=turn.text)
    update = jot(state, context, work, _caveats(turn.text))
    update["messages"] = remember(known, [*before, said])
    return update


async def _forget(state: State, context: Context, work: Work) -> Update:
    """Messages and SQL are gone when this turn ends. What waits for approval goes on waiting: it is no memory."""
    waiting = await context.services.approvals.pending(context.turn.conversation)
    notices = [Notice("conversation.started_over")]
    if waiting:
        notices.append(Notice("conversation.still_waiting", {"count": len(waiting)}))
    update = jot(state, context, work, notices)
    return {
        **update,
        "messages": [],
        "summary": Summary(text="", messages=0),
        "last": {},
        "open_question": None,
        "set_aside": [approval.id for approval in waiting],
    }


def _caveats(text: str) -> list[Notice]:
    if len(text) <= MAX_QUESTION_CHARS or sql_in(text):  # a statement is parsed whole, whatever its length
        return []
    return [Notice("caveat.message_cut", {"chars": len(text), "read": MAX_QUESTION_CHARS})]

"""What a prompt is told of the conversation so far."""

from agent.context import Context
from agent.history import told
from agent.state import State


def recalled(state: State, context: Context) -> str:
    """The conversation before the message being answered, summary first; empty when there is none.

    People, the model and cell values have written it: it goes into a prompt between fences, as data.
    """
    return told(
        state.get("messages", []),
        but=f"{context.turn.id}:person",
        tokens=context.services.options.conversation_max_tokens,
        summary=state.get("summary"),
    )

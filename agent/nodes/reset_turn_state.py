"""A turn starts with an empty sheet: nothing of the turn before leaks into this one."""

from langgraph.runtime import Runtime

from agent.context import Context
from agent.state import State, Update


async def reset_turn_state(state: State, runtime: Runtime[Context]) -> Update:
    return {"work": {}}

"""A node with something around each of its runs: whoever traces the graph opens a span there."""

import functools
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from langgraph.runtime import Runtime

from agent.context import Context
from agent.state import State, Update

AroundNode: TypeAlias = Callable[[str], AbstractContextManager[None]]
"""Entered around each run of a node, by its name; hears how it ends, and lets every error pass."""


class Node(Protocol):
    """LangGraph hands over the runtime by its name."""

    def __call__(self, state: State, runtime: Runtime[Context]) -> Awaitable[Update]: ...


def watched(name: str, node: Node, around: AroundNode) -> Node:
    @functools.wraps(node)
    async def watched_node(state: State, runtime: Runtime[Context]) -> Update:
        with around(name):
            return await node(state, runtime)

    return watched_node

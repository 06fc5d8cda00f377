"""The compiled graph is the table in agent/README.md."""

import re
from importlib import resources

from agent.graph import build_graph

# Other tables of that file name nodes too (the evals' figures by action): only the graph's own is read.
_ROW = re.compile(r"^\| `(?P<node>\w+)` \| (?P<then>[^|]+) \| (?P<what>[^|]+) \|$", re.MULTILINE)


def documented() -> dict[str, set[str]]:
    readme = (resources.files("agent") / "README.md").read_text(encoding="utf-8")
    text = readme.split("| node | then |")[1].split("\n\n")[0]
    return {
        row["node"]: {name.strip(" `").replace("end", "__end__") for name in row["then"].split(",")}
        for row in _ROW.finditer(text)
    }


def test_the_readme_shows_the_compiled_graph():
    drawn = build_graph().get_graph()
    compiled: dict[str, set[str]] = {}
    for edge in drawn.edges:
        compiled.setdefault(edge.source, set()).add(edge.target)
    assert compiled.pop("__start__") == {"reset_turn_state"}
    assert len(compiled) == 12
    assert documented() == compiled


def test_sql_runs_behind_the_gate_only():
    ways = {edge.source for edge in build_graph().get_graph().edges if edge.target == "execute_sql"}
    assert ways == {"policy_gate"}

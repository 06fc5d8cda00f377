"""A release must run on the schema of the next one: so a migration adds, and takes nothing away."""

import ast
from pathlib import Path

import pytest

from bot.storage.migrations import versions

MIGRATIONS = sorted(Path(versions.__file__).parent.glob("[0-9]*.py"))
TAKES_AWAY = {"drop_table", "drop_column", "alter_column", "rename_table", "drop_sequence"}


def upgrade_of(source: str) -> list[ast.Call]:
    function = next(
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def offences(source: str) -> list[str]:
    """What the release before could not live with."""
    found: list[str] = []
    for call in upgrade_of(source):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in TAKES_AWAY:
            found.append(name)
        if name == "add_column":
            column = call.args[1]
            assert isinstance(column, ast.Call)
            options = {keyword.arg: ast.unparse(keyword.value) for keyword in column.keywords}
            if options.get("nullable") == "False" and "server_default" not in options:
                found.append("a column that the release before does not fill")
    return found


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    assert offences(path.read_text()) == []


def test_what_takes_away_is_found() -> None:
    source = "def upgrade():\n    op.drop_column('a', 'b')\n    op.add_column('a', sa.Column('c', nullable=False))\n"
    assert offences(source) == ["drop_column", "a column that the release before does not fill"]

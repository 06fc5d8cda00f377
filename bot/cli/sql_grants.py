"""What `botctl sql check` takes as granted: the words after --grant, else what the daemon's settings grant."""

from collections.abc import Sequence

from agent.policy.access import DatasetAllowlist, UnreadableGrant
from agent.sql.names import TableName
from agent.sql.rules import GateRules
from bot.cli.errors import CommandError

EVERYTHING = "*"


class EverythingGranted:
    """Every table and every stored function: what is left to judge is the statement itself."""

    def may_read(self, table: TableName) -> bool:
        return True

    def may_call(self, routine: TableName) -> bool:
        return True


def rules_of(grants: Sequence[str], project: str) -> GateRules:
    """*grants* are `dataset`, `project.dataset`, or `*` alone. Raises CommandError with one sentence.

    Under `*` even a table that is named without a dataset counts as granted, as if the job had a default one.
    """
    if EVERYTHING in grants:
        return GateRules(EverythingGranted(), project, default_dataset="")
    if not project and (bare := next((grant for grant in grants if "." not in grant), None)):
        raise CommandError(f"--grant {bare} names no project: say --project, or --grant PROJECT.{bare}.")
    try:
        return GateRules(DatasetAllowlist.parse(grants, project), project)
    except UnreadableGrant as error:
        raise CommandError(f"--grant is wrong: {error}.") from None

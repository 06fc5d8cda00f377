"""What a statement is, in the words of the job statistics' `statementType`."""

import re
from typing import Any, Final

from google.protobuf.message import Message

from bot.local.bigquery.tree import leaf

SELECT: Final = "SELECT"
SCRIPT: Final = "SCRIPT"

_NAMES = {
    "Query": SELECT,
    "Truncate": "TRUNCATE_TABLE",
    "AlterTable": "ALTER_TABLE",
    "Begin": "BEGIN_TRANSACTION",
    "Commit": "COMMIT_TRANSACTION",
    "Rollback": "ROLLBACK_TRANSACTION",
    "AuxLoadData": "LOAD_DATA",
}


def statement_type(parsed_statement: Message) -> str:
    """`SELECT`, `INSERT`, `CREATE_TABLE_AS_SELECT`, `DROP_VIEW`, ... for what the parser made of one statement."""
    node = leaf(parsed_statement)
    kind = re.sub(r"^AST|(Statement|Stmt)?Proto$", "", node.DESCRIPTOR.name)
    if kind == "CreateTable" and node.HasField("query"):
        return "CREATE_TABLE_AS_SELECT"
    if kind == "Drop":
        return f"DROP_{_dropped(node)}"
    return _NAMES.get(kind) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper()


def _dropped(node: Any) -> str:
    field = node.DESCRIPTOR.fields_by_name["schema_object_kind"]
    return field.enum_type.values_by_number[node.schema_object_kind].name.removeprefix("k").upper()

"""Follows columns through Google's resolved tree: where each comes from, where it goes, what is done with it.

In that tree a column keeps its id wherever it is only passed on. Values move between ids in four places alone: a
computed column that is another one as it is, a reference to a WITH, an arm of a UNION ALL, the elements of an array.
Those are followed; any other appearance of a column is a use of it, and so is every appearance below a scan that this
file does not know. What it overlooks therefore counts as used, never as unread.
"""

from collections.abc import Iterable
from typing import Any, Final

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_enums_pb2 as enums
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2 as ast

from agent.sql.column_flow import ColumnFlow, UnreadableTree
from agent.sql.column_use import ColumnUse, OutputColumn, Source
from agent.sql.resolved_tree import access, children, columns, ids, leaf, mentioned

_KNOWN_SCANS: Final = (
    ast.ResolvedTableScanProto,
    ast.ResolvedSingleRowScanProto,
    ast.ResolvedJoinScanProto,
    ast.ResolvedArrayScanProto,
    ast.ResolvedFilterScanProto,
    ast.ResolvedAggregateScanProto,
    ast.ResolvedSetOperationScanProto,
    ast.ResolvedOrderByScanProto,
    ast.ResolvedLimitOffsetScanProto,
    ast.ResolvedWithRefScanProto,
    ast.ResolvedAnalyticScanProto,
    ast.ResolvedSampleScanProto,
    ast.ResolvedProjectScanProto,
    ast.ResolvedWithScanProto,
    ast.ResolvedBarrierScanProto,
)
_UNION_ALL: Final = enums.ResolvedSetOperationScanEnums.UNION_ALL
_EXISTS: Final = enums.ResolvedSubqueryExprEnums.EXISTS


def read_columns(statement: ast.AnyResolvedStatementProto) -> ColumnUse:
    """Of an analysed query. Raises UnreadableTree."""
    if statement.WhichOneof("node") != "resolved_query_stmt_node":
        raise UnreadableTree("no query")
    query = statement.resolved_query_stmt_node
    flow = ColumnFlow()
    _Reading(flow).walk(query.query)
    outputs = tuple(
        OutputColumn(
            name=output.name.lower(),
            plain=flow.sources_of((output.column.column_id, ())),
            made_of=flow.ingredients_of(output.column.column_id),
        )
        for output in query.output_column_list
    )
    return ColumnUse(flow.used, outputs, query.is_value_table)


class _Reading:
    """One tree, read into *flow*."""

    def __init__(self, flow: ColumnFlow) -> None:
        self._flow = flow
        self._withs: dict[str, list[int]] = {}
        self._waiting: list[tuple[str, list[int]]] = []
        """References to a WITH, which may come before it is read."""

    def walk(self, root: Message) -> None:
        stack: list[Message] = [root]  # a stack of ours: trees are deeper than Python's
        while stack:
            stack.extend(self._visit(stack.pop()))
        for name, referring in self._waiting:
            self._flow.move(referring, self._withs.get(name, []))

    def _visit(self, node: Any) -> Iterable[Message]:  # noqa: PLR0911, PLR0912 - one arm for each node kind
        match node:
            case ast.AnyResolvedScanProto() if node.WhichOneof("node") is None:
                return []  # UNNEST alone has no input
            case ast.AnyResolvedScanProto() if not isinstance(leaf(node), _KNOWN_SCANS):
                self._use_all(node)
                return children(node)
            case ast.ResolvedScanProto():
                return node.hint_list  # its column_list only passes on
            case ast.ResolvedTableScanProto():
                return self._scan_table(node)
            case ast.ResolvedProjectScanProto():
                self._compute(node.expr_list)
                return [node.parent, node.input_scan, *_computations(node.expr_list)]
            case ast.ResolvedArrayScanProto():
                return self._scan_array(node)
            case ast.ResolvedWithEntryProto():
                self._withs[node.with_query_name] = columns(node.with_subquery)
                return [node.with_subquery]
            case ast.ResolvedWithRefScanProto():
                self._waiting.append((node.with_query_name, ids(node.parent.column_list)))
                return []
            case ast.ResolvedSetOperationScanProto():
                return self._unite(node)
            case ast.ResolvedComputedColumnProto() | ast.ResolvedDeferredComputedColumnProto():
                self._flow.defined_by[node.column.column_id].update(mentioned(node.expr))
                return [node.expr]
            case ast.ResolvedSubqueryExprProto():
                if node.subquery_type != _EXISTS:
                    self._flow.use(columns(node.subquery))
                return [node.subquery, node.in_expr, *node.hint_list]  # what it correlates with appears inside
            case ast.ResolvedJoinScanProto():
                return [node.parent, node.left_scan, node.right_scan, node.join_expr]
            case ast.AnyResolvedExprProto() if (origin := access(node)) is not None:
                self._flow.uses.add(origin)
                return []
            case _ if node.DESCRIPTOR.name == "ResolvedColumnProto":
                self._flow.uses.add((node.column_id, ()))
                return []
            case _:
                return children(node)

    def _scan_table(self, node: ast.ResolvedTableScanProto) -> list[Message]:
        if node.read_as_row_type:
            raise UnreadableTree("rows as values")
        for column in node.parent.column_list:
            self._flow.scanned[column.column_id] = Source(node.table.full_name, (column.name.lower(),))
        return [node.for_system_time_expr, *node.parent.hint_list]

    def _scan_array(self, node: ast.ResolvedArrayScanProto) -> list[Message]:
        rest: list[Message] = [node.parent, node.input_scan, node.join_expr, node.array_zip_mode]
        for element, array in zip(node.element_column_list, node.array_expr_list, strict=True):
            if (origin := access(array)) is not None:
                self._flow.moves[element.column_id].add(origin)
            else:
                self._flow.defined_by[element.column_id].update(mentioned(array))
                rest.append(array)
        if node.HasField("array_offset_column"):
            self._flow.defined_by[node.array_offset_column.column.column_id] = set()
        return rest

    def _compute(self, computed: Iterable[ast.ResolvedComputedColumnProto]) -> None:
        for item in computed:
            if (origin := access(item.expr)) is not None:
                self._flow.moves[item.column.column_id].add(origin)

    def _unite(self, node: ast.ResolvedSetOperationScanProto) -> list[Message]:
        united = ids(node.parent.column_list)
        for item in node.input_item_list:
            arm = ids(item.output_column_list)
            self._flow.move(united, arm)
            if node.op_type != _UNION_ALL:  # rows are compared: who is left out tells what is in
                self._flow.use(arm)
        return [node.parent, *(item.scan for item in node.input_item_list)]

    def _use_all(self, node: Message) -> None:
        below = mentioned(node)
        self._flow.use(below)
        for column in columns(node):
            self._flow.defined_by[column].update(below - {column})


def _computations(computed: Iterable[ast.ResolvedComputedColumnProto]) -> list[Message]:
    return [item for item in computed if access(item.expr) is None]

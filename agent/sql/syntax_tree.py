"""Reads a syntax tree in one walk over all of it: pipe writes have a read's root node."""

from collections.abc import Generator

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.parser import ast_enums_pb2, parse_tree_pb2

from agent.sql.constructs import BLIND
from agent.sql.tree_facts import Path, TreeFacts

_CARTESIAN = (ast_enums_pb2.ASTJoinEnums.COMMA, ast_enums_pb2.ASTJoinEnums.CROSS)
_TEMPORARY = ast_enums_pb2.ASTCreateStatementEnums.TEMPORARY


def read_tree(root: Message) -> TreeFacts:
    facts = TreeFacts()
    stack: list[tuple[Message, bool]] = [(root, False)]  # a stack of ours: trees are deeper than Python's
    while stack:
        message, is_blind = stack.pop()
        name = message.DESCRIPTOR.name
        if name.startswith("Any"):
            if message.WhichOneof("node") is None:
                facts.hollow.add(name)
        else:
            facts.constructs.add(name)
            is_blind = is_blind or name in BLIND
            _note_node(facts, message, is_blind)
        stack.extend((child, is_blind) for child in _children(message))
    return facts


def _children(message: Message) -> Generator[Message]:
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None or descriptor.name == "parse_location_range":
            continue
        if descriptor.is_repeated:
            yield from value
        else:
            yield value


def _note_node(facts: TreeFacts, node: Message, is_blind: bool) -> None:  # noqa: PLR0912 - one arm for each node kind
    match node:
        case parse_tree_pb2.ASTTablePathExpressionProto():
            if node.HasField("path_expr"):
                _note_table(facts, _path(node.path_expr), is_blind)
        case parse_tree_pb2.ASTTableClauseProto():
            if node.HasField("table_path"):
                _note_table(facts, _path(node.table_path), is_blind)
        case parse_tree_pb2.ASTFunctionCallProto():
            facts.functions.add(_path(node.function))
        case parse_tree_pb2.ASTTVFProto():
            facts.table_functions.add(_path(node.name))
        case parse_tree_pb2.ASTModelClauseProto():
            facts.models.add(_path(node.model_path))
        case parse_tree_pb2.ASTWithClauseProto():
            facts.is_recursive |= node.recursive
        case parse_tree_pb2.ASTAliasedQueryProto():
            facts.with_names.add(node.alias.id_string.lower())
        case parse_tree_pb2.ASTAliasProto():
            facts.aliases.add(node.identifier.id_string.lower())
        case parse_tree_pb2.ASTSelectProto():
            if node.HasField("from_clause") and not node.HasField("where_clause"):
                _note_product(facts, node.from_clause.table_expression)
        case parse_tree_pb2.ASTFromQueryProto():
            _note_product(facts, node.from_clause.table_expression)
        case parse_tree_pb2.ASTQueryStatementProto():
            facts.is_bare |= _bare_source(node.query) is not None
        case parse_tree_pb2.ASTExpressionSubqueryProto() | parse_tree_pb2.ASTInExpressionProto():
            if (source := _bare_source(node.query)) is not None:
                facts.bare_subqueries.update(_joined_tables(source))
        case parse_tree_pb2.ASTPipeJoinProto():
            if _multiplies(node.join):
                # The left side is whatever came down the pipe: taken for a table of the same size.
                right = tuple(_joined_tables(node.join.rhs))
                facts.products.append((right, right))
        case parse_tree_pb2.ASTCreateFunctionStatementProto():
            _note_created_function(facts, node)
        case _:
            pass


def _note_table(facts: TreeFacts, path: Path, is_blind: bool) -> None:
    (facts.blind_table_paths if is_blind else facts.table_paths).add(path)


def _note_product(facts: TreeFacts, source: parse_tree_pb2.AnyASTTableExpressionProto) -> None:
    while source.WhichOneof("node") == "ast_join_node":
        join = source.ast_join_node
        if _multiplies(join):
            facts.products.append((tuple(_joined_tables(join.lhs)), tuple(_joined_tables(join.rhs))))
        source = join.lhs


def _multiplies(join: parse_tree_pb2.ASTJoinProto) -> bool:
    """A comma, CROSS, or a JOIN that names no condition."""
    is_tied = join.natural or join.HasField("on_clause") or join.HasField("using_clause")
    return join.join_type in _CARTESIAN or not is_tied


def _bare_source(query: parse_tree_pb2.ASTQueryProto) -> parse_tree_pb2.AnyASTTableExpressionProto | None:
    """What *query* reads when it is a FROM and nothing else, `FROM orders`; None for every other query."""
    if query.pipe_operator_list or query.query_expr.WhichOneof("node") != "ast_from_query_node":
        return None
    return query.query_expr.ast_from_query_node.from_clause.table_expression


def _joined_tables(source: parse_tree_pb2.AnyASTTableExpressionProto) -> Generator[Path]:
    """The table paths on one side of a join, not those inside subqueries."""
    stack = [source]
    while stack:
        node = stack.pop()
        match node.WhichOneof("node"):
            case "ast_table_path_expression_node" if node.ast_table_path_expression_node.HasField("path_expr"):
                yield _path(node.ast_table_path_expression_node.path_expr)
            case "ast_join_node":
                stack += [node.ast_join_node.lhs, node.ast_join_node.rhs]
            case "ast_parenthesized_join_node":
                join = node.ast_parenthesized_join_node.join
                stack += [join.lhs, join.rhs]
            case _:
                pass


def _note_created_function(facts: TreeFacts, node: parse_tree_pb2.ASTCreateFunctionStatementProto) -> None:
    base = node.parent
    facts.created_functions += 1
    facts.temporary_functions.add(".".join(_path(base.function_declaration.name)).lower())
    facts.has_persistent_function |= base.parent.scope != _TEMPORARY
    facts.has_foreign_code |= (
        base.HasField("code") or base.HasField("language") or node.is_remote or node.HasField("with_connection_clause")
    )


def _path(path: parse_tree_pb2.ASTPathExpressionProto) -> Path:
    return tuple(name.id_string for name in path.names)

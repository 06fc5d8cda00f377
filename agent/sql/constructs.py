"""Which nodes of Google's syntax tree a read may contain. What is not listed here is refused.

The tree comes as protobuf messages; a message's name is `AST<Construct>Proto`, and `AnyAST...Proto` is a wrapper around
one of several. The abstract bases that every node embeds (`ASTNodeProto`, `ASTExpressionProto`) carry nothing.
"""

from typing import Final

_ABSTRACT: Final = """
    Node Expression Leaf PrintableLeaf Statement QueryExpression TableExpression GeneralizedPathExpression Type
    PipeOperator ParameterExprBase PostfixTableOperator Quantifier Location
"""
_STATEMENT: Final = """
    QueryStatement Query Select SelectList SelectColumn SelectAs FromClause FromQuery WhereClause GroupBy GroupByAll
    GroupingItem GroupingItemOrder GroupingSet GroupingSetList Rollup Cube Having Qualify OrderBy OrderingExpression
    NullOrder Collate LimitOffset Limit LimitAll WithClause AliasedQuery AliasedQueryExpression AliasedQueryList
    SetOperation SetOperationType SetOperationAllOrDistinct SetOperationColumnMatchMode
    SetOperationColumnPropagationMode SetOperationMetadata SetOperationMetadataList ColumnList IdentifierList
    Alias Identifier PathExpression PathExpressionList Hint HintEntry
"""
_SOURCES: Final = """
    TablePathExpression TableSubquery TableClause ParenthesizedJoin Join OnClause UsingClause OnOrUsingClauseList
    UnnestExpression UnnestExpressionWithOptAliasAndOffset WithOffset WithWeight ForSystemTime SampleClause SampleSize
    SampleSuffix RepeatableClause PivotClause PivotExpression PivotExpressionList PivotValue PivotValueList
    UnpivotClause UnpivotInItem UnpivotInItemLabel UnpivotInItemList TVF TVFArgument
    Descriptor DescriptorColumn DescriptorColumnList
"""
_EXPRESSIONS: Final = """
    AndExpr OrExpr UnaryExpression BinaryExpression BitwiseShiftExpression BetweenExpression InExpression InList
    LikeExpression AnySomeAllOp ConcatExpr CaseValueExpression CaseNoValueExpression CastExpression FormatClause
    ExtractExpression IntervalExpr ExpressionSubquery ExpressionWithAlias ExpressionWithOptAlias WithExpression
    ArrayConstructor ArrayElement StructConstructorArg StructConstructorWithKeyword StructConstructorWithParens
    DotIdentifier DotStar DotStarWithModifiers Star StarWithModifiers StarModifiers StarExceptList StarReplaceItem
    FunctionCall AnalyticFunctionCall NamedArgument Lambda HavingModifier ClampedBetweenModifier ChainedBaseExpr
    WindowClause WindowDefinition WindowSpecification WindowFrame WindowFrameExpr PartitionBy
    ParameterExpr DefaultLiteral IntLiteral FloatLiteral NumericLiteral BigNumericLiteral BooleanLiteral NullLiteral
    MaxLiteral DateOrTimeLiteral JSONLiteral RangeLiteral StringLiteral StringLiteralComponent BytesLiteral
    BytesLiteralComponent
"""
_TYPES: Final = "SimpleType ArrayType StructType StructField RangeType TypeParameterList"
_PIPES: Final = """
    PipeSelect PipeExtend PipeAggregate PipeWhere PipeOrderBy PipeLimitOffset PipeJoin PipeJoinLhsPlaceholder PipeAs
    PipeDrop PipeSet PipeSetItem PipeRename PipeRenameItem PipeDistinct PipePivot PipeUnpivot PipeWindow PipeWith
    PipeTablesample PipeSetOperation PipeAssert
"""

# What costs without bytes or reaches outside goes to a person. The value is the word that the person reads.
ASK_FIRST: Final = {
    "ASTModelClauseProto": "MODEL",
    "ASTConnectionClauseProto": "CONNECTION",
    "ASTSystemVariableExprProto": "@@system_variable",
    "ASTRecursionDepthModifierProto": "MAX RECURSION DEPTH",
    "ASTAliasedQueryModifiersProto": "WITH ... modifiers",
    "ASTPipeRecursiveUnionProto": "|> RECURSIVE UNION",
    "ASTPipeCallProto": "|> CALL",
    "ASTPipeForkProto": "|> FORK",
    "ASTPipeTeeProto": "|> TEE",
    "ASTPipeIfProto": "|> IF",
    "ASTPipeIfCaseProto": "|> IF",
    "ASTSubpipelineProto": "|> (...)",
    "ASTSelectWithProto": "SELECT WITH",
    "ASTOptionsListProto": "OPTIONS",
    "ASTOptionsEntryProto": "OPTIONS",
}

# Pipe writes hide under a root node that says "query".
WRITES: Final = {
    "ASTPipeInsertProto": "|> INSERT",
    "ASTPipeCreateTableProto": "|> CREATE TABLE",
    "ASTPipeExportDataProto": "|> EXPORT DATA",
}

# `CREATE TEMP FUNCTION f() AS (...); SELECT f()`: a script of which BigQuery says SELECT. A person is asked first.
_TEMP_FUNCTION: Final = """
    Script StatementList DdlStatement CreateStatement CreateFunctionStmtBase CreateFunctionStatement
    FunctionDeclaration FunctionParameters FunctionParameter SqlFunctionBody TemplatedParameterType
"""
# Where the engine's list of table names is blind, or is not asked: the tree's own paths count there.
_BLIND: Final = "Qualify WindowClause LimitOffset ForSystemTime Hint PipeFork PipeTee CreateFunctionStatement"


def _messages(*names: str) -> frozenset[str]:
    return frozenset(f"AST{name}Proto" for name in " ".join(names).split())


READ_ONLY: Final = _messages(_ABSTRACT, _STATEMENT, _SOURCES, _EXPRESSIONS, _TYPES, _PIPES)
TEMP_FUNCTION: Final = _messages(_TEMP_FUNCTION)
BLIND: Final = _messages(_BLIND)


def construct_name(message_name: str) -> str:
    """`ASTGqlMatchProto` as `GqlMatch`."""
    return message_name.removeprefix("Any").removeprefix("AST").removesuffix("Proto")

"""BigQuery's functions that the open-source engine lacks, as its analyzer takes them: their names and their types."""

from typing import Final

from zetasql.wasi._pb2.zetasql.proto import function_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import function_pb2 as enums
from zetasql.wasi._pb2.zetasql.public import type_pb2

_ANY_1: Final = enums.ARG_TYPE_ANY_1
_ANY_2: Final = enums.ARG_TYPE_ANY_2
_ARBITRARY: Final = enums.ARG_TYPE_ARBITRARY


def add_missing_functions(catalog: simple_catalog_pb2.SimpleCatalogProto) -> None:
    for name in ("max_by", "min_by"):
        _add(catalog, name, _ANY_1, _ANY_2, is_aggregate=True)
    for name in ("contains_substr", "search"):
        _add(catalog, name, _ARBITRARY, _ARBITRARY)


def _add(
    catalog: simple_catalog_pb2.SimpleCatalogProto,
    name: str,
    *arguments: enums.SignatureArgumentKind,
    is_aggregate: bool = False,
) -> None:
    """An aggregate returns its first argument's type, any other function BOOL."""
    function = catalog.custom_function.add(group="External_function")
    function.name_path.append(name)
    modes = enums.FunctionEnums
    function.mode = modes.AGGREGATE if is_aggregate else modes.SCALAR
    signature: function_pb2.FunctionSignatureProto = function.signature.add()
    for kind in arguments:
        argument = signature.argument.add(kind=kind, num_occurrences=1)
        argument.options.cardinality = modes.REQUIRED
    signature.return_type.num_occurrences = 1
    signature.return_type.kind = _ANY_1 if is_aggregate else enums.ARG_TYPE_FIXED
    if not is_aggregate:
        signature.return_type.type.type_kind = type_pb2.TYPE_BOOL

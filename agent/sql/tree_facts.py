"""What a syntax tree contains, as far as the gate's rules ask for it."""

from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]
Product: TypeAlias = tuple[tuple[Path, ...], tuple[Path, ...]]


@dataclass(slots=True)
class TreeFacts:
    constructs: set[str] = field(default_factory=set[str])
    """Message names of every node, abstract bases included."""
    hollow: set[str] = field(default_factory=set[str])
    """Wrappers around a node that the schema at hand does not know."""
    functions: set[Path] = field(default_factory=set[Path])
    table_functions: set[Path] = field(default_factory=set[Path])
    models: set[Path] = field(default_factory=set[Path])
    table_paths: set[Path] = field(default_factory=set[Path])
    blind_table_paths: set[Path] = field(default_factory=set[Path])
    """Those that the engine's own list of tables leaves out."""
    with_names: set[str] = field(default_factory=set[str])
    aliases: set[str] = field(default_factory=set[str])
    """Lower case."""
    products: list[Product] = field(default_factory=list[Product])
    """The tables on either side of each join that multiplies rows, where no WHERE could tie them."""
    is_bare: bool = False
    """The statement ends where its FROM ends: neither SELECT nor a pipe says what of it is wanted."""
    bare_subqueries: set[Path] = field(default_factory=set[Path])
    """What subqueries of that shape read, names of a WITH among them."""
    is_recursive: bool = False
    temporary_functions: set[str] = field(default_factory=set[str])
    """Lower case."""
    created_functions: int = 0
    has_persistent_function: bool = False
    has_foreign_code: bool = False
    """A function in JavaScript or Python, or a remote one."""

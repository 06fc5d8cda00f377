"""Which functions a read may call: the engine's built-in ones, and the few of BigQuery's that the engine lacks."""

from collections.abc import Sequence
from typing import Final

from agent.sql.verdict import Finding, ask, deny

# Documented by BigQuery, absent from the open-source engine's catalogue (aliases, special forms, search).
_BIGQUERY_ONLY: Final = """
    bag_of_words ceiling character_length char_length collate contains_substr float integer max_by min_by octet_length
    offset ordinal power pow regexp_substr row safe_offset safe_ordinal search stddev substring text_analyze tf_idf
    variance week
"""
GEOGRAPHY_PREFIX: Final = "st_"

# They call models, keys, other services, or tell who asks: a person is asked first.
ASK_FAMILIES: Final = frozenset({"ai", "ml", "keys", "aead", "obj"})
_ASK_FUNCTIONS: Final = """
    session_user external_query vector_search st_regionstats deterministic_encrypt deterministic_decrypt_bytes
    deterministic_decrypt_string dlp_deterministic_encrypt dlp_deterministic_decrypt dlp_key_chain
"""
_TABLE_FUNCTIONS: Final = """
    external_query external_object_transform vector_search appends changes gap_fill range_sessionize search
"""
TABLE_FUNCTION_FAMILIES: Final = frozenset({"ml", "ai"})

BIGQUERY_ONLY: Final = frozenset(_BIGQUERY_ONLY.split())
ASK_FUNCTIONS: Final = frozenset(_ASK_FUNCTIONS.split())
TABLE_FUNCTIONS: Final = frozenset(_TABLE_FUNCTIONS.split())


def judge_function(path: Sequence[str], builtins: frozenset[str], temporary: frozenset[str]) -> Finding | None:
    """What calling *path* means. None: nothing to say, it is a plain function."""
    # One quoted segment may hold the whole path: `p.d.fn`(x).
    parts = ".".join(path).lower().split(".")
    if parts[0] == "safe" and len(parts) > 1:
        parts = parts[1:]
    name = ".".join(parts)
    if parts[0] in ASK_FAMILIES or name in ASK_FUNCTIONS:
        return ask("approval.function", name=name.upper())
    if name in temporary:
        return None  # its body was walked with the rest of the script
    # "$add" and its like are the engine's names for operators, not functions that a statement may name.
    if name in BIGQUERY_ONLY or (name in builtins and not name.startswith("$")):
        return None
    if len(parts) > 1:
        return deny("deny.routine", name=".".join(path))
    if name.startswith(GEOGRAPHY_PREFIX):
        return None
    return ask("approval.unknown_function", name=name)


def is_builtin_table_function(path: Sequence[str]) -> bool:
    parts = ".".join(path).lower().split(".")
    if len(parts) == 1:
        return parts[0] in TABLE_FUNCTIONS
    return len(parts) == 2 and parts[0] in TABLE_FUNCTION_FAMILIES

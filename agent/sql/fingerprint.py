"""The identity of a statement: two texts that differ in one byte are two statements.

Nothing is normalised on purpose. An approval, a job id and a stored result name the very bytes that were checked, and
any normalisation (comments, case, blanks) is a guess about a grammar that an attacker knows too: `-- \\n` inside a
string is data.
"""

import hashlib

# Raised when the way a statement is run changes what it means (dialect, time zone): old approvals then name nothing.
_CONTEXT = b"googlesql/1\0"


def fingerprint(sql: str) -> str:
    """64 hex characters of SHA-256 over the exact UTF-8 bytes of *sql* and the dialect that it is run in."""
    # A lone surrogate has no UTF-8; "surrogatepass" keeps the function total, the gate refuses such text.
    return hashlib.sha256(_CONTEXT + sql.encode("utf-8", "surrogatepass")).hexdigest()

"""Values that a question names, and whether SQL uses them: who drops a placeholder answers about everybody."""

from collections.abc import Sequence
from typing import Final

from agent.privacy.patterns import find_personal_data
from agent.privacy.sql_literals import string_literal

_NEVER_ASKED_FOR: Final = frozenset({"SECRET", "CUT"})


def values_named_in(question: str) -> tuple[str, ...]:
    """Mails, numbers and addresses in *question*, each once; a secret is nothing to filter by."""
    spans = [span for span in find_personal_data(question) if span.kind not in _NEVER_ASKED_FOR]
    return tuple(dict.fromkeys(question[span.start : span.end] for span in spans))


def unused_in(sql: str, values: Sequence[str]) -> tuple[str, ...]:
    """Those of *values* that *sql* does not hold, in whatever case, as they are or as a literal spells them."""
    folded = sql.casefold()
    return tuple(
        value
        for value in values
        if value.casefold() not in folded and string_literal(value)[1:-1].casefold() not in folded
    )

"""Lists of sentences that an answer may do without: they never make a model's answer invalid."""

from collections.abc import Mapping
from typing import cast


def with_extras(raw: object, most: Mapping[str, tuple[int, int]]) -> object:
    """*raw*, an answer as it came, with each field of *most* a list of at most so many texts of at most so many chars.

    Endpoints that enforce no schema, and models cut short of patience, leave such a field out, write one text in place
    of a list, or run on. The schema asks for it all the same: strict endpoints want every field required.
    """
    if not isinstance(raw, dict):
        return raw
    answer = dict(cast(dict[str, object], raw))
    for name, (items, chars) in most.items():
        given = answer.get(name)
        texts: list[object] = cast(list[object], given) if isinstance(given, list) else [given]
        answer[name] = [text for text in texts if isinstance(text, str) and 0 < len(text.strip()) <= chars][:items]
    return answer

"""What the agent says in code, for a surface to say in words: the agent writes no sentence for people itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Param: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence by its catalogue key (`deny.not_a_read`), with the values it names.

    `bot.i18n` holds one sentence per code and language; a test compares the two sets.
    """

    code: str
    params: Mapping[str, Param] = field(default_factory=dict[str, Param])

"""A label that cannot grow without end, whatever the code that names its values will do one day."""

from typing import Final

OTHER: Final = "other"


class Bounded:
    """The first *most* values stand for themselves, later ones are `other`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        if value not in self._known:
            if len(self._known) >= self._most:
                return OTHER
            self._known.add(value)
        return value

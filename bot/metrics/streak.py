"""Failures in a row: how an outage of something looks from the calls that are made anyway."""


class Streak:
    def __init__(self) -> None:
        self.failures = 0
        """Since it last answered. Nobody calls, nobody knows: it stays as it was."""

    def answered(self) -> None:
        self.failures = 0

    def failed(self) -> None:
        self.failures += 1

"""What a command says when it cannot be carried out."""


class CommandError(Exception):
    """One sentence that says what is wrong and what to do; the exit code is 2."""

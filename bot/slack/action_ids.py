"""The names of our buttons, and what their blocks remember. Messages write them, listeners read them back."""

from enum import StrEnum

from agent.turn import Language


class ActionId(StrEnum):
    APPROVE = "approve"
    """Value: the approval's id."""
    CANCEL = "cancel"
    """Value: the approval's id."""
    SHOW_SQL = "show_sql"
    """Value: the turn's id."""
    STOP = "stop"
    """Value: the turn's id."""


def block_id(name: str, language: Language) -> str:
    """A block that remembers its message's language: a click has to be answered in it before anything is looked up."""
    return f"{name}:{language}"


def language_of_block(block: str) -> Language:
    match block.rpartition(":")[2]:
        case "ko":
            return "ko"
        case "ja":
            return "ja"
        case _:
            return "en"

"""The names of our buttons, and what their blocks remember. Messages write them, listeners read them back."""

from enum import StrEnum

from agent.turn import Language


class ActionId(StrEnum):
    APPROVE = "approve"
    """Value: the approval's id."""
    CANCEL = "cancel"
    """Value: the approval's id."""
    TWIN = "twin"
    """Value: `<index>:<the turn's id>`, for a cheaper statement that the turn's answer offers. Numbered."""
    SHOW_SQL = "show_sql"
    """Value: the turn's id."""
    RECEIPT = "receipt"
    """Value: the turn's id."""
    RUN_AGAIN = "run_again"
    """Value: the turn's id."""
    REFINE = "refine"
    """Value: the turn's id."""
    CSV_FILE = "csv_file"
    """Value: the turn's id."""
    XLSX_FILE = "xlsx_file"
    """Value: the turn's id."""
    CHART = "chart"
    """A select below an answer. Value: the form to show its result in."""
    FEEDBACK = "feedback"
    """Value: `good:` or `bad:`, and the turn's id."""
    STOP_FILE = "stop_file"
    """Value: the lane of the file."""
    CONSENT = "consent"
    """Value: the id of the turn that waits for it."""
    STOP = "stop"
    """Value: the turn's id."""
    CHOOSE = "choose"
    """Value: a whole question, one of the ways to read an ambiguous one. Numbered."""
    ASK = "ask"
    """Value: a whole question, to be asked next. Numbered."""

    HOME_APPROVE = "home_approve"
    """On the Home tab. Value: the approval's id."""
    HOME_CANCEL = "home_cancel"
    """The same."""
    SETTINGS = "settings"
    """On the Home tab: opens the settings."""


def numbered(action: ActionId, number: int) -> str:
    """Buttons of one kind in one block: Slack wants each named apart."""
    return f"{action}:{number}"


def action_named(action_id: str) -> ActionId:
    """The inverse, for numbered names and plain ones. Raises ValueError for what is none of ours."""
    return ActionId(action_id.partition(":")[0])


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

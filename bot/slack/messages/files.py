"""The buttons that make a file of a result. Pure."""

from agent.turn import Answer
from bot.slack.action_ids import ActionId
from bot.slack.messages.message import Block, button


def file_buttons(answer: Answer) -> list[Block]:
    """For a table of more than one row: one row is whole in the message."""
    table = answer.table
    if answer.result_id is None or table is None or table.total_rows <= 1:
        return []
    return [button(answer.language, action, answer.turn_id) for action in (ActionId.CSV_FILE, ActionId.XLSX_FILE)]

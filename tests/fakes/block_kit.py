"""Slack's limits by an independent validator: our payloads rebuilt with slackblocks, which refuses what Slack would."""

from collections.abc import Sequence
from typing import Any

import slackblocks as sb
from slackblocks.elements import FeedbackButton, FeedbackButtons
from slackblocks.objects import DataPoint, DataSeries

from bot.slack.messages.message import Message

LONGEST_TEXT = 4000


def check_message(message: Message) -> None:
    """Raises slackblocks.InvalidUsageError, or AssertionError."""
    assert message.text
    assert len(message.text) < LONGEST_TEXT
    blocks = [_block(block) for block in message.blocks]
    _are_unique([block.get("block_id") for block in message.blocks])
    for block in message.blocks:  # which slackblocks lets pass and Slack does not
        if block["type"] == "actions":
            _are_unique([element["action_id"] for element in block["elements"]])
    built = sb.Message(channel="C1", text=message.text, blocks=blocks)
    assert len(built._resolve().get("blocks", [])) == len(message.blocks)


def check_modal(view: dict[str, Any]) -> None:
    sb.ModalView(
        title=view["title"]["text"],
        blocks=[_view_block(block) for block in view["blocks"]],
        close=view["close"]["text"],
        submit=view["submit"]["text"] if "submit" in view else None,
        private_metadata=view.get("private_metadata"),
        callback_id=view["callback_id"],
    )


def check_home(view: dict[str, Any]) -> None:
    assert view["type"] == "home"
    assert len(view["private_metadata"]) <= 3000
    _are_unique([block.get("block_id") for block in view["blocks"]])
    assert len(view["blocks"]) <= 100
    sb.HomeTabView(blocks=[_view_block(block) for block in view["blocks"]], private_metadata=view["private_metadata"])


def _view_block(block: dict[str, Any]) -> sb.Block:
    """What views have beside the blocks of messages."""
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return sb.HeaderBlock(text)
        case {"type": "input", "element": {"type": "plain_text_input"} as element}:
            field = sb.PlainTextInput(
                action_id=element["action_id"],
                multiline=element["multiline"],
                max_length=element["max_length"],
                focus_on_load=element.get("focus_on_load", False),
                initial_value=element.get("initial_value"),
            )
            return sb.InputBlock(label=block["label"]["text"], element=field, block_id=block["block_id"])
        case {"type": "input", "element": {"type": "static_select"} as element}:
            options = [_option(option) for option in element["options"]]
            assert element["initial_option"] in element["options"]
            chosen = _option(element["initial_option"])
            select = sb.StaticSelectMenu(action_id=element["action_id"], options=options, initial_option=chosen)
            return sb.InputBlock(label=block["label"]["text"], element=select, block_id=block["block_id"])
        case _:
            return _block(block)


def _block(block: dict[str, Any]) -> sb.Block:
    match block:
        case {"type": "section", "text": text}:
            return sb.SectionBlock(text=_text(text))
        case {"type": "section", "fields": fields}:
            return sb.SectionBlock(fields=[_text(field) for field in fields])
        case {"type": "context", "elements": elements}:
            return sb.ContextBlock(elements=[_text(element) for element in elements])
        case {"type": "actions", "elements": elements}:
            return sb.ActionsBlock(elements=[_element(e) for e in elements], block_id=block["block_id"])
        case {"type": "data_table"}:
            return sb.DataTableBlock(
                rows=[[_cell(cell) for cell in row] for row in block["rows"]],
                caption=block["caption"],
                page_size=block["page_size"],
            )
        case _:
            return _rich_block(block)


def _rich_block(block: dict[str, Any]) -> sb.Block:
    match block:
        case {"type": "data_visualization"}:
            return sb.DataVisualizationBlock(title=block["title"], chart=_chart(block["chart"]))
        case {"type": "container", "child_blocks": children}:
            return sb.ContainerBlock(
                child_blocks=[_block(child) for child in children],
                title=block["title"]["text"],
                is_collapsible=block["is_collapsible"],
                default_collapsed=block["default_collapsed"],
            )
        case {"type": "context_actions", "elements": [{"type": "feedback_buttons"} as element]}:
            return sb.ContextActionsBlock([_feedback(element)], block_id=block["block_id"])
        case {"type": "image", "slack_file": file}:
            return sb.ImageBlock(slack_file=sb.SlackFile(id=file["id"], url=None), alt_text=block["alt_text"])
        case _:
            raise AssertionError(f"nobody taught the validator {block['type']}")


def _text(text: dict[str, Any]) -> sb.Text:
    assert text["type"] == "mrkdwn"
    return sb.Text(text["text"], type_=sb.TextType.MARKDOWN, verbatim=text.get("verbatim", False))


def _element(element: dict[str, Any]) -> sb.Button | sb.StaticSelectMenu:
    if element["type"] == "button":
        return _button(element)
    assert element["type"] == "static_select"
    options = [_option(option) for option in element["options"]]
    initial = element.get("initial_option")
    return sb.StaticSelectMenu(
        action_id=element["action_id"],
        placeholder=element["placeholder"]["text"],
        options=options,
        initial_option=_option(initial) if initial else None,
    )


def _feedback(element: dict[str, Any]) -> FeedbackButtons:
    sides = [element["positive_button"], element["negative_button"]]
    good, bad = (FeedbackButton(side["text"]["text"], side["value"], side["accessibility_label"]) for side in sides)
    return FeedbackButtons(good, bad, action_id=element["action_id"])


def _option(option: dict[str, Any]) -> sb.Option:
    return sb.Option(text=option["text"]["text"], value=option["value"])


def _chart(chart: dict[str, Any]) -> sb.PieChart | sb.BarChart | sb.LineChart | sb.AreaChart:
    if chart["type"] == "pie":
        return sb.PieChart([sb.ChartSegment(**segment) for segment in chart["segments"]])
    series = [DataSeries(one["name"], [DataPoint(**point) for point in one["data"]]) for one in chart["series"]]
    kinds = {"bar": sb.BarChart, "line": sb.LineChart, "area": sb.AreaChart}
    return kinds[chart["type"]](series, sb.AxisConfig(**chart["axis_config"]))


def _button(element: dict[str, Any]) -> sb.Button:
    assert element["type"] == "button"
    return sb.Button(
        text=element["text"]["text"],
        action_id=element["action_id"],
        value=element["value"],
        style=element.get("style"),
    )


def _option(option: dict[str, Any]) -> sb.Option:
    return sb.Option(text=sb.Text(option["text"]["text"], type_=sb.TextType.PLAINTEXT), value=option["value"])


def _cell(cell: dict[str, Any]) -> sb.RawText | sb.RawNumber:
    if cell["type"] == "raw_number":
        return sb.RawNumber(value=cell["value"], text=cell["text"])
    assert cell["type"] == "raw_text"
    return sb.RawText(text=cell["text"])


def _are_unique(ids: Sequence[str | None]) -> None:
    named = [block_id for block_id in ids if block_id is not None]
    assert len(named) == len(set(named))


def every_mrkdwn(message: Message) -> list[str]:
    """Each text that Slack reads as mrkdwn, the fallback included."""
    found = [message.text]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "mrkdwn":
                found.append(str(node["text"]))
            for value in node.values():
                walk(value)
        elif isinstance(node, list | tuple):
            for value in node:
                walk(value)

    walk(message.blocks)
    return found

"""What each kind of block must look like: a generator of offences per kind."""

from collections.abc import Callable, Iterator
from typing import Final

from bot.local.slack.shapes import Json, as_list, as_object, objects

_CONTAINER_CHILDREN: Final = frozenset(
    ["actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video"]
)


def block_offences(block: Json) -> Iterator[str]:
    check = _CHECKS.get(str(block.get("type")))
    if check is None:
        yield f"unsupported type: {block.get('type')}"
        return
    if len(str(block.get("block_id", ""))) > 255:
        yield "block_id: must be less than 256 characters"
    yield from check(block)


def _section(block: Json) -> Iterator[str]:
    text, fields = block.get("text"), objects(block.get("fields"))
    if not text and not fields:
        yield "missing required field: text or fields"
    if text:
        yield from _text_object(text, 3000, "text")
    if len(fields) > 10:
        yield "fields: no more than 10 items allowed"
    for field in fields:
        yield from _text_object(field, 2000, "fields")
    if "accessory" in block:
        yield from _element(as_object(block["accessory"]))


def _header(block: Json) -> Iterator[str]:
    if as_object(block.get("text")).get("type") != "plain_text":
        yield "text: must be plain_text"
    yield from _text_object(block.get("text"), 150, "text")


def _context(block: Json) -> Iterator[str]:
    yield from _count(block, "elements", 1, 10)
    for element in objects(block.get("elements")):
        if element.get("type") not in ("mrkdwn", "plain_text", "image"):
            yield f"elements: unsupported type: {element.get('type')}"


def _actions(block: Json) -> Iterator[str]:
    yield from _count(block, "elements", 1, 25)
    ids = [element.get("action_id") for element in objects(block.get("elements")) if element.get("action_id")]
    if len(set(ids)) != len(ids):
        yield "elements: action_id must be unique within a block"
    for element in objects(block.get("elements")):
        yield from _element(element)


def _context_actions(block: Json) -> Iterator[str]:
    yield from _count(block, "elements", 1, 5)
    for element in objects(block.get("elements")):
        if element.get("type") not in ("feedback_buttons", "icon_button"):
            yield f"elements: unsupported type: {element.get('type')}"


def _element(element: Json) -> Iterator[str]:
    yield from too_long(str(element.get("action_id", "")), 255, "action_id")
    if element.get("type") == "button":
        yield from _text_object(element.get("text"), 75, "button text")
        yield from too_long(str(element.get("value", "")), 2000, "button value")
        if element.get("style", "primary") not in ("primary", "danger"):
            yield f"style: must be primary or danger, not {element['style']}"
    elif str(element.get("type")).endswith("select") and "options" in element:
        yield from _count(element, "options", 1, 100)


def _markdown(block: Json) -> Iterator[str]:
    if not block.get("text"):
        yield "missing required field: text"


def _image(block: Json) -> Iterator[str]:
    if not block.get("alt_text"):
        yield "missing required field: alt_text"
    if not block.get("image_url") and not block.get("slack_file"):
        yield "missing required field: image_url or slack_file"


def _input(block: Json) -> Iterator[str]:
    yield from _text_object(block.get("label"), 2000, "label")
    if not as_object(block.get("element")):
        yield "missing required field: element"


def _table(block: Json) -> Iterator[str]:
    rows = as_list(block.get("rows"))
    yield from _count(block, "rows", 1, 100)
    if any(len(as_list(row)) > 20 for row in rows):
        yield "rows: no more than 20 cells allowed"
    if _characters(rows) > 10_000:
        yield "rows: no more than 10000 characters allowed"


def _data_table(block: Json) -> Iterator[str]:
    rows = [as_list(row) for row in as_list(block.get("rows"))]
    if not block.get("caption"):
        yield "missing required field: caption"
    yield from _count(block, "rows", 2, 201)
    if len({len(row) for row in rows}) > 1:
        yield "rows: must all have the same number of cells"
    if rows and not 1 <= len(rows[0]) <= 20:
        yield "rows: must have 1 to 20 cells"
    if not 1 <= int(block.get("page_size", 5)) <= 100:
        yield "page_size: must be 1 to 100"
    cells = [cell for row in rows for cell in objects(row)]
    if any(cell.get("type") not in ("raw_text", "raw_number", "rich_text") for cell in cells):
        yield "rows: unsupported cell type"
    if any(cell.get("type") == "raw_text" and not cell.get("text") for cell in cells):
        yield "rows: raw_text must not be empty"
    if any(cell.get("type") == "raw_number" and not isinstance(cell.get("value"), int | float) for cell in cells):
        yield "rows: raw_number needs a value"
    if _characters(rows) > 20_000:
        yield "rows: no more than 20000 characters allowed"


def _data_visualization(block: Json) -> Iterator[str]:
    if not 1 <= len(str(block.get("title", ""))) <= 50:
        yield "title: must be 1 to 50 characters"
    if as_object(block.get("chart")).get("type") not in ("bar", "line", "area", "pie"):
        yield "chart: unsupported type"


def _container(block: Json) -> Iterator[str]:
    if not block.get("title") and not block.get("rich_text_title"):
        yield "missing required field: title"
    yield from _count(block, "child_blocks", 1, 10)
    for child in objects(block.get("child_blocks")):
        if child.get("type") not in _CONTAINER_CHILDREN:
            yield f"child_blocks: unsupported type: {child.get('type')}"
        else:
            yield from block_offences(child)


def _task_card(block: Json) -> Iterator[str]:
    if not block.get("task_id") or not block.get("title"):
        yield "missing required field: task_id or title"
    if block.get("status") not in ("pending", "in_progress", "complete", "error"):
        yield f"status: unsupported value: {block.get('status')}"


def _plan(block: Json) -> Iterator[str]:
    if not block.get("title"):
        yield "missing required field: title"
    tasks = objects(block.get("tasks"))
    if len(tasks) > 50:
        yield "tasks: no more than 50 items allowed"
    if len({task.get("task_id") for task in tasks}) != len(tasks):
        yield "tasks: task_id must be unique"
    for task in tasks:
        yield from _task_card(task)


def _anything(block: Json) -> Iterator[str]:
    return iter(())


_CHECKS: Final[dict[str, Callable[[Json], Iterator[str]]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "markdown": _markdown,
    "image": _image,
    "input": _input,
    "table": _table,
    "data_table": _data_table,
    "data_visualization": _data_visualization,
    "container": _container,
    "task_card": _task_card,
    "plan": _plan,
    **dict.fromkeys(("divider", "rich_text", "video", "file", "alert", "card", "carousel"), _anything),
}


def text_of(value: object) -> str:
    """The words of a text object."""
    return str(as_object(value).get("text", ""))


def _text_object(value: object, most: int, where: str) -> Iterator[str]:
    if as_object(value).get("type") not in ("mrkdwn", "plain_text"):
        yield f"{where}: must be a text object"
    elif not text_of(value):
        yield f"{where}: must be more than 0 characters"
    yield from too_long(text_of(value), most, where)


def too_long(text: str, most: int, where: str) -> Iterator[str]:
    if len(text) > most:
        yield f"{where}: must be less than {most + 1} characters"


def _count(block: Json, name: str, least: int, most: int) -> Iterator[str]:
    if not least <= len(as_list(block.get(name))) <= most:
        yield f"{name}: must have {least} to {most} items"


def _characters(value: object) -> int:
    if isinstance(value, dict):
        node = as_object(value)  # pyright: ignore[reportUnknownArgumentType]
        own = len(node["text"]) if isinstance(node.get("text"), str) else 0
        return own + sum(_characters(child) for name, child in node.items() if name != "text" or not own)
    return sum(_characters(child) for child in as_list(value))

"""One good block of every kind that bots send, shared by the tests of the rules and of the page."""

from typing import Any


def text(words: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": words}


def rich_text(words: str) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}],
    }


def button(action_id: str = "press") -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": text("Press", "plain_text"), "value": "v"}


def options(*names: str) -> list[dict[str, Any]]:
    return [{"text": text(name, "plain_text"), "value": name} for name in names]


def cells(*values: object) -> list[dict[str, Any]]:
    return [
        {"type": "raw_number", "value": value, "text": str(value)}
        if isinstance(value, int)
        else {"type": "raw_text", "text": str(value)}
        for value in values
    ]


def points(*values: int) -> list[dict[str, Any]]:
    return [{"label": f"Q{number}", "value": value} for number, value in enumerate(values, 1)]


TASK = {"task_id": "t1", "title": "Wrote SQL", "status": "complete", "details": rich_text("details of the task")}
AXES = {"categories": ["Q1", "Q2"]}

GOOD: dict[str, dict[str, Any]] = {
    "section": {"type": "section", "text": text("section words"), "accessory": button("beside")},
    "fields": {"type": "section", "fields": [text("*Price*"), text("$1")]},
    "header": {"type": "header", "text": text("header words", "plain_text")},
    "context": {"type": "context", "elements": [text("context words"), text("plain words", "plain_text")]},
    "divider": {"type": "divider"},
    "actions": {
        "type": "actions",
        "elements": [
            button(),
            {"type": "static_select", "action_id": "menu", "options": options("first", "second")},
            {"type": "overflow", "action_id": "more", "options": options("third")},
            {"type": "checkboxes", "action_id": "boxes", "options": options("fourth")},
            {"type": "radio_buttons", "action_id": "radios", "options": options("fifth")},
            {"type": "datepicker", "action_id": "date"},
        ],
    },
    "context_actions": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": text("Good", "plain_text"), "value": "good"},
                "negative_button": {"text": text("Bad", "plain_text"), "value": "bad"},
            }
        ],
    },
    "markdown": {
        "type": "markdown",
        "text": "# Title\n\n- **one**\n- two\n\n```sql\nSELECT 1\n```\n\n|a|b|\n|--|--|\n|1|2|",
    },
    "rich_text": rich_text("rich words"),
    "image": {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "image words"},
    "table": {"type": "table", "rows": [cells("table head"), cells("table cell")]},
    "data_table": {"type": "data_table", "caption": "c", "rows": [cells("name", "n"), cells("data cell", 3)]},
    "bars": {
        "type": "data_visualization",
        "title": "bar title",
        "chart": {"type": "bar", "series": [{"name": "s", "data": points(3, -1)}], "axis_config": AXES},
    },
    "area": {
        "type": "data_visualization",
        "title": "area title",
        "chart": {"type": "area", "series": [{"name": "s", "data": points(3, 5)}], "axis_config": AXES},
    },
    "pie": {
        "type": "data_visualization",
        "title": "pie title",
        "chart": {"type": "pie", "segments": points(1)},
    },
    "container": {
        "type": "container",
        "title": text("container title", "plain_text"),
        "is_collapsible": True,
        "child_blocks": [{"type": "section", "text": text("inside the container")}],
    },
    "plan": {"type": "plan", "title": "plan title", "tasks": [TASK]},
    "task_card": {"type": "task_card", **TASK, "title": "lone task", "status": "in_progress"},
}

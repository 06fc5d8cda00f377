"""What the workspace takes for a block, and what it refuses as Slack would."""

from typing import Any

import pytest

from bot.local.slack.blocks import check_message_blocks, check_view
from bot.local.slack.shapes import SlackError
from tests.local.block_samples import AXES, GOOD, TASK, button, cells, text

SECTION = GOOD["section"]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_block_passes(name: str) -> None:
    check_message_blocks([GOOD[name]])


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "divider"}] * 51,
        ["not an object"],
        [{"type": "hologram"}],
        [{"type": "section"}],
        [{"type": "section", "text": "bare words"}],
        [{"type": "section", "text": text("")}],
        [{"type": "section", "text": text("x" * 3001)}],
        [{"type": "section", "fields": [text("x")] * 11}],
        [{"type": "header", "text": text("mrkdwn is not for headers")}],
        [{"type": "header", "text": text("x" * 151, "plain_text")}],
        [{"type": "context", "elements": [text("x")] * 11}],
        [{"type": "context", "elements": [button()]}],
        [{"type": "actions", "elements": []}],
        [{"type": "actions", "elements": [button(str(number)) for number in range(26)]}],
        [{"type": "actions", "elements": [button("twice"), button("twice")]}],
        [{"type": "actions", "elements": [button() | {"text": text("x" * 76, "plain_text")}]}],
        [{"type": "actions", "elements": [button() | {"style": "default"}]}],
        [{"type": "actions", "elements": [button() | {"value": "x" * 2001}]}],
        [{"type": "context_actions", "elements": [button()]}],
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        [{"type": "image", "image_url": "https://example.com/x.png"}],
        [{"type": "table", "rows": [cells("x")] * 101}],
        [{"type": "table", "rows": [cells(*"x" * 21)]}],
        [{"type": "table", "rows": [cells("x" * 10_001)]}],
        [{"type": "data_table", "rows": [cells("head"), cells("no caption")]}],
        [{"type": "data_table", "caption": "c", "rows": [cells("head only")]}],
        [{"type": "data_table", "caption": "c", "rows": [cells("x")] * 202}],
        [{"type": "data_table", "caption": "c", "rows": [cells("a", "b"), cells("ragged")]}],
        [{"type": "data_table", "caption": "c", "rows": [cells("head"), cells("")]}],
        [{"type": "data_table", "caption": "c", "rows": [cells("head"), [{"type": "raw_number", "text": "1"}]]}],
        [{"type": "data_table", "caption": "c", "page_size": 101, "rows": [cells("head"), cells("x")]}],
        [{"type": "data_table", "caption": "c", "rows": [cells("head"), cells("x" * 20_001)]}],
        [GOOD["bars"], GOOD["area"], GOOD["pie"]],
        [GOOD["bars"] | {"title": "x" * 51}],
        [GOOD["bars"] | {"chart": {"type": "radar", "series": [], "axis_config": AXES}}],
        [GOOD["container"] | {"child_blocks": [GOOD["data_table"]]}],
        [GOOD["container"] | {"child_blocks": [SECTION] * 11}],
        [GOOD["plan"] | {"tasks": [TASK, TASK]}],
        [GOOD["task_card"] | {"status": "nearly"}],
    ],
)
def test_a_block_that_slack_refuses_is_refused(blocks: list[Any]) -> None:
    with pytest.raises(SlackError) as refused:
        check_message_blocks(blocks)
    assert refused.value.code == "invalid_blocks"
    assert refused.value.messages


def test_every_offence_is_named_with_its_place() -> None:
    with pytest.raises(SlackError) as refused:
        check_message_blocks([SECTION, {"type": "hologram"}, {"type": "header", "text": text("x")}])
    assert refused.value.messages == [
        "[ERROR] unsupported type: hologram [json-pointer:/blocks/1]",
        "[ERROR] text: must be plain_text [json-pointer:/blocks/2]",
    ]


def test_a_modal_needs_a_title_and_a_home_tab_does_not() -> None:
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view({"type": "modal", "blocks": [SECTION]})
    check_view({"type": "modal", "title": text("SQL", "plain_text"), "blocks": [SECTION]})
    check_view({"type": "home", "blocks": [SECTION]})

"""The steps of a reply that is being worked on."""

import pytest

from agent.turn import Language, Progress, Step
from bot.slack.messages.progress import render_progress


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "… Writing SQL (2/3)"), ("ko", "(2/3)"), ("ja", "(2/3)")],
)
def test_a_further_try_is_shown_with_its_number(language: Language, line: str) -> None:
    steps = {
        Step.UNDERSTAND: Progress(Step.UNDERSTAND, "done"),
        Step.WRITE_SQL: Progress(Step.WRITE_SQL, "running", "2/3"),
    }
    message = render_progress(steps, "t1", language)
    assert line in message.text.splitlines()[1]
    assert "stop" in str(message.blocks[-1])

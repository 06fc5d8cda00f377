"""A request for consent, as Slack gets it."""

import pytest

from agent.turn import Language
from bot.i18n.catalogue import LANGUAGES
from bot.slack.messages.consent import render_consent_given, render_consent_request
from tests.fakes.block_kit import check_message


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_and_its_end_are_what_slack_takes(language: Language) -> None:
    request = render_consent_request("message:T1:C1:1.0", language)
    check_message(request)
    assert request.blocks[1]["elements"][0]["value"] == "message:T1:C1:1.0"
    given = render_consent_given("U1", language)
    check_message(given)
    assert "<@U1>" in given.text

"""Where the bot answers, and where it answers unasked."""

import pytest

from bot.channel_rules import EVERYWHERE, ChannelRules

RULES = ChannelRules(overheard=frozenset({"C1"}), keywords=("Revenue", "매출"))


def test_without_rules_it_answers_everywhere_and_overhears_nothing() -> None:
    assert EVERYWHERE.answers_in("C1")
    assert not EVERYWHERE.overhears("C1", "revenue?", in_thread=False)


@pytest.mark.parametrize(
    ("channel", "text", "is_heard"),
    [
        ("C1", "what is our REVENUE?", True),
        ("C1", "이번 달 매출은?", True),
        ("C1", "lunch?", False),
        ("C2", "revenue?", False),
    ],
)
def test_listed_channels_are_overheard_for_their_keywords(channel: str, text: str, is_heard: bool) -> None:
    assert RULES.overhears(channel, text, in_thread=False) is is_heard
    assert not RULES.overhears(channel, text, in_thread=True)


def test_without_keywords_every_message_is_judged_and_threads_where_that_is_wanted() -> None:
    rules = ChannelRules(overheard=frozenset({"C1"}), in_threads=True)
    assert rules.overhears("C1", "lunch?", in_thread=True)


def test_a_channel_that_is_left_out_is_not_overheard() -> None:
    rules = ChannelRules(only=frozenset({"C2"}), overheard=frozenset({"C1"}))
    assert not rules.answers_in("C1")
    assert not rules.overhears("C1", "revenue?", in_thread=False)

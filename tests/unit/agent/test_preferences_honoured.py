"""What the asker chose is honoured by the agent: the language of the answer and where days begin."""

from agent.language import language_for
from agent.reading import spoken_language
from agent.sql.generate import SqlQuestion, generate_prompt
from agent.state import Message
from agent.turn import Actor, Audience, Preferences, Turn


def turn(preferences: Preferences) -> Turn:
    actor = Actor("U1", "T1", "en-US", preferences=preferences)
    return Turn("t", "c", actor, Audience("asker", "D1"), "지난달 주문은 몇 건이었나요?")


def test_a_chosen_language_stands_over_that_of_the_question() -> None:
    said = [Message(id="m", role="person", user="U1", text="더 보여 주세요")]
    assert spoken_language(said, turn(Preferences(language="ja"))) == "ja"
    assert spoken_language(said, turn(Preferences())) == "ko"
    assert language_for("how many?", turn(Preferences(language="ja")).actor) == "ja"


def test_days_begin_where_the_asker_chose_and_nothing_is_said_where_they_did_not() -> None:
    asked = SqlQuestion("How many orders today?", "TABLE shop.orders", "English")
    assert "CURRENT_DATE('" not in generate_prompt(asked).user
    there = SqlQuestion("How many orders today?", "TABLE shop.orders", "English", time_zone="Asia/Seoul")
    assert "Title in English. Days are those of Asia/Seoul: CURRENT_DATE('Asia/Seoul')" in generate_prompt(there).user

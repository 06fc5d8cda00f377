"""Ask, choose, answer: an ambiguous question over two and three turns, in three languages."""

from typing import Any

import pytest

from agent.notice import Notice
from agent.turn import Action, Actor, Answer, Choice, Language, StartOver
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed

STORIES: dict[Language, dict[str, str]] = {
    "en": {
        "asked": "How many good orders?",
        "back": "Which orders do you mean?",
        "first": "How many orders are there in all?",
        "second": "How many orders are complete?",
        "picks": "the second one",
        "title": "Complete orders",
        "next": "only this year",
    },
    "ko": {
        "asked": "좋은 주문은 몇 건이야?",
        "back": "어떤 주문을 말씀하시나요?",
        "first": "전체 주문은 몇 건인가요?",
        "second": "완료된 주문은 몇 건인가요?",
        "picks": "2",
        "title": "완료된 주문 수",
        "next": "올해만",
    },
    "ja": {
        "asked": "良い注文は何件?",
        "back": "どの注文のことですか?",
        "first": "注文は全部で何件ですか?",
        "second": "完了した注文は何件ですか?",
        "picks": "２",  # noqa: RUF001  # full width, as Japanese keyboards have it
        "title": "完了した注文",
        "next": "今年だけ",
    },
}


def offers(story: dict[str, str]) -> dict[str, Any]:
    def offer(label: str, question: str, column: str, value: str = "") -> dict[str, str]:
        return {"label": label, "question": question, "column": column, "value": value}

    return {
        "question": story["back"],
        "choices": [
            offer("1st", story["first"], "shop.orders.order_id"),
            offer("2nd", story["second"], "shop.orders.status", "Complete"),
            offer("3rd", story["second"] + "!", "shop.orders.refunds"),
        ],
    }


async def asking_desk(language: Language = "en", *routes: dict[str, Any]) -> tuple[Desk, Answer]:
    story = STORIES[language]
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", 0.9, "Which?"), *routes)
    desk.model.says("clarify", offers(story)).says("sql_generate", drafted(title=story["title"]))
    return desk, await desk.ask(story["asked"])


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
async def test_a_choice_in_words_goes_on_with_its_question(language: Language):
    story = STORIES[language]
    desk, asked = await asking_desk(language, {**routed("sql_generate"), "choice": 2}, routed("sql_generate"))
    assert (asked.text, asked.language, asked.sql) == (story["back"], language, None)
    assert asked.choices == (Choice("1st", story["first"]), Choice("2nd", story["second"]))
    answer = await desk.ask(story["picks"])
    assert (answer.text, answer.language, answer.choices) == (story["title"], language, ())
    assert answer.table is not None
    router, writer = desk.model.asked("plan_turn_action")[1].user, desk.model.asked("sql_generate")[0].user
    assert f"2. 2nd: {story['second']}" in router
    assert f"<message>\n{story['second']}" in writer
    follow_up = await desk.ask(story["next"])
    assert follow_up.table is not None
    assert "<open_question>" not in desk.model.asked("plan_turn_action")[2].user
    assert f"<message>\n{story['next']}" in desk.model.asked("sql_generate")[1].user


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
async def test_a_button_needs_no_router(language: Language):
    desk, asked = await asking_desk(language)
    answer = await desk.ask(asked.choices[1].text)
    assert answer.route
    assert (answer.route.action, answer.route.confidence) == (Action.SQL_GENERATE, 1.0)
    assert answer.table is not None
    assert len(desk.model.asked("plan_turn_action")) == 1


async def test_an_answer_in_other_words_is_the_routers_to_judge():
    desk, _ = await asking_desk("en", routed("sql_generate"))
    answer = await desk.ask("neither, the shipped ones")
    assert answer.table is not None
    prompt = desk.model.asked("sql_generate")[0].user
    assert "<message>\nneither, the shipped ones" in prompt
    assert STORIES["en"]["second"] in prompt  # what was offered stands in the conversation


async def test_nobody_is_asked_twice_in_a_row():
    desk, _ = await asking_desk("en", routed("sql_generate", 0.9, "Which?"), routed("sql_generate", 0.9, "Which?"))
    answer = await desk.ask("whatever")
    assert answer.table is not None
    later = await desk.ask("and the best ones?")
    assert later.text == STORIES["en"]["back"]  # a question between them makes it another matter


async def test_a_reply_that_only_repeats_the_question_is_not_said():
    desk, asked = await asking_desk("en", routed("chat_reply"))
    desk.model.says("chat_reply", chat(f"{asked.text} "))
    answer = await desk.ask("hm")
    assert (answer.text, answer.notices) == (None, (Notice("clarify.still_unclear"),))


async def test_below_the_threshold_nothing_is_taken_for_chosen():
    desk, _ = await asking_desk("en", {**routed("sql_generate", 0.3), "choice": 1})
    desk.model.says("chat_reply", chat("Say it in other words, please."))
    answer = await desk.ask("maybe")
    assert answer.route
    assert (answer.route.action, desk.runner.ran) == (Action.CHAT_REPLY, [])


@pytest.mark.parametrize("number", [0, 3, 4])
async def test_a_number_that_was_not_offered_chooses_nothing(number: int):
    desk, _ = await asking_desk("en", {**routed("sql_generate"), "choice": number})
    await desk.ask("the other")
    assert "<message>\nthe other" in desk.model.asked("sql_generate")[0].user


async def test_starting_over_closes_the_question():
    desk, asked = await asking_desk("en", routed("sql_generate"))
    await desk.ask("start over", preset=StartOver())
    await desk.ask(asked.choices[0].text)
    assert len(desk.model.asked("plan_turn_action")) == 2
    assert "<open_question>" not in desk.model.asked("plan_turn_action")[1].user


@pytest.mark.parametrize("echo", ["How many orders?", "how many orders", " "])
async def test_the_message_over_again_is_no_question(echo: str):
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", question=echo)).says("sql_generate", drafted())
    answer = await desk.ask("How many orders?")
    assert (answer.table is not None, desk.model.asked("clarify")) == (True, [])


async def test_fewer_than_two_choices_leave_the_question_alone():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", 0.9, "Which?"))
    desk.model.says("clarify", {**offers(STORIES["en"]), "choices": offers(STORIES["en"])["choices"][1:]})
    answer = await desk.ask("How many good orders?")
    assert (answer.text, answer.choices) == (STORIES["en"]["back"], ())


async def test_a_question_in_another_language_gives_way_to_the_routers():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", 0.9, "어떤 주문인가요?"))
    desk.model.says("clarify", offers(STORIES["en"]))
    answer = await desk.ask("좋은 주문은?")
    assert (answer.text, answer.choices) == ("어떤 주문인가요?", ())


async def test_a_question_that_only_repeats_the_message_gives_way_too():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate", question="Good by what?"))
    desk.model.says("clarify", {**offers(STORIES["en"]), "question": "How many GOOD orders"})
    assert (await desk.ask("How many good orders?")).text == "Good by what?"


async def test_a_turn_that_was_asked_back_is_given_again_and_asks_once():
    desk, asked = await asking_desk()
    assert await desk.ask(STORIES["en"]["asked"], id="t1") == asked
    assert len(desk.model.asked("clarify")) == 1


@pytest.mark.parametrize(
    ("said", "locale", "language"),
    [("주문은?", "en-US", "ko"), ("注文は?", "en-US", "ja"), ("orders?", "ko-KR", "en")],
)
async def test_a_command_is_answered_in_the_language_of_the_conversation(said: str, locale: str, language: Language):
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    actor = Actor("U1", "T", locale)
    await desk.ask(said, actor=actor)
    answer = await desk.ask("start over", preset=StartOver(), actor=actor)
    assert answer.language == language


@pytest.mark.parametrize(("locale", "language"), [("ko-KR", "ko"), ("ja-JP", "ja"), ("en-GB", "en"), ("fr-FR", "en")])
async def test_where_nothing_was_said_a_command_is_answered_in_the_locales(locale: str, language: Language):
    desk = Desk()
    answer = await desk.ask("/new", preset=StartOver(), actor=Actor("U1", "T", locale))
    assert answer.language == language
    spoken = await desk.ask("처음부터", preset=StartOver(), actor=Actor("U1", "T", locale))
    assert spoken.language == "ko"  # words of a language are a sign


async def test_another_persons_language_is_not_ones_own():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    await desk.ask("주문은?")
    answer = await desk.ask("", preset=StartOver(), actor=Actor("U2", "T", "ja-JP"))
    assert answer.language == "ja"


async def test_the_sql_of_a_choice_is_the_threads_last():
    desk, asked = await asking_desk()
    await desk.ask(asked.choices[0].text)
    assert (await desk.state())["last"]["sql"] == SQL

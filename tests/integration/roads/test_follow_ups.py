"""Two and three turns of one conversation: each works on the one before, and nothing is billed twice."""

from dataclasses import dataclass

import pytest

from agent.analyst import Savers
from agent.turn import Action, DecisionWord, StartOver
from tests.roads_bench import Bench, codes
from tests.unit.agent.desk import chat, drafted, routed

pytestmark = pytest.mark.asyncio(loop_scope="session")

BY_STATUS = "SELECT status, COUNT(*) AS orders FROM shop.orders GROUP BY status ORDER BY status"
JAPAN = (
    "SELECT status, COUNT(*) AS orders FROM shop.orders JOIN shop.users ON users.id = orders.user_id"
    " WHERE country = 'Japan' GROUP BY status ORDER BY status"
)
LAST_YEAR = JAPAN.replace(" GROUP", " AND EXTRACT(YEAR FROM orders.created_at) = 2025 GROUP")


@dataclass(frozen=True)
class Words:
    """The same conversation in one language."""

    language: str
    question: str
    narrower: str
    earlier: str
    bars: str
    why: str
    title: str
    backed: str
    invented: str


WORDS = (
    Words(
        "en", "Orders by status?", "only Japan", "and last year?", "as bars", "why?",
        "Orders", "Most orders are complete.", " That is 98.7%.",
    ),
    Words(
        "ko", "상태별 주문 수는?", "일본만", "작년은?", "막대로", "왜 그래?",
        "주문", "대부분 완료된 주문이에요.", " 98.7%예요.",
    ),
    Words(
        "ja", "ステータス別の注文数は", "日本だけ", "昨年は", "棒グラフで", "なぜ",
        "注文", "多くは完了しています。", "98.7%です。",
    ),
)  # fmt: skip
in_three_languages = pytest.mark.parametrize("words", WORDS, ids=[words.language for words in WORDS])


@in_three_languages
async def test_a_country_and_last_year_narrow_what_was_asked_before(bench: Bench, savers: Savers, words: Words):
    talk = bench.talk(
        savers=savers,
        plan_turn_action=[routed("sql_generate")] * 3,
        sql_generate=[drafted(BY_STATUS, "A"), drafted(JAPAN, "B"), drafted(LAST_YEAR, "C")],
    )
    answers = [await talk.ask(text) for text in (words.question, words.narrower, words.earlier)]
    assert {answer.language for answer in answers} == {words.language}
    assert talk.ran == [BY_STATUS, JAPAN, LAST_YEAR]
    totals = [sum(int(str(row[1])) for row in answer.table.rows) for answer in answers if answer.table]
    assert totals == sorted(totals, reverse=True)
    assert len(set(totals)) == 3
    first, second, third = talk.asked("sql_generate")
    assert "previous_sql" not in first
    assert BY_STATUS in second.partition("<previous_sql>")[2]
    assert JAPAN in third.partition("<previous_sql>")[2]
    assert words.question in third.partition("<conversation>")[2].partition("</conversation>")[0]
    assert words.narrower in talk.asked("plan_turn_action")[2]


@in_three_languages
async def test_as_bars_shows_the_result_that_is_there_and_bills_nothing(bench: Bench, savers: Savers, words: Words):
    talk = bench.talk(
        savers=savers,
        plan_turn_action=[routed("sql_generate"), routed("sql_execute"), routed("sql_execute")],
        sql_generate=[drafted(BY_STATUS, words.title)],
    )
    first = await talk.ask(words.question)
    again = await talk.ask(words.bars)
    assert (again.table, again.sql, again.text, again.result_id) == (
        first.table,
        BY_STATUS,
        first.text,
        first.result_id,
    )
    assert (first.shown_as, again.shown_as) == (None, "bar")
    assert (again.bill.bytes_billed, again.bill.cost_usd) == (0, 0.0)
    assert (await talk.ask("円グラフで")).shown_as == "pie"
    assert talk.ran == [BY_STATUS]
    assert talk.calls.count("sql_generate") == 1


async def test_other_data_in_another_form_is_a_new_query_and_the_form_is_kept(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate"), routed("sql_generate")],
        sql_generate=[drafted(BY_STATUS), drafted(JAPAN)],
    )
    await talk.ask("Orders by status?")
    answer = await talk.ask("only Japan, as bars")
    assert (answer.shown_as, answer.sql, talk.ran) == ("bar", JAPAN, [BY_STATUS, JAPAN])


async def test_a_model_that_writes_the_same_query_for_another_form_does_not_bill_it_again(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate"), routed("sql_generate")],
        sql_generate=[drafted(BY_STATUS), drafted(BY_STATUS)],
    )
    first = await talk.ask("Orders by status?")
    again = await talk.ask("as lines")
    assert (again.table, again.shown_as, talk.ran) == (first.table, "line", [BY_STATUS])


async def test_run_it_again_runs_and_so_does_a_form_beside_sql_of_the_persons_own(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate"), routed("sql_execute"), routed("sql_execute")],
        sql_generate=[drafted(BY_STATUS)],
    )
    assert (await talk.ask("Orders by status as a bar chart?")).shown_as == "bar"
    await talk.ask("run it again, the data is new")
    assert (await talk.ask(f"as bars: ```{BY_STATUS}```")).shown_as == "bar"
    assert talk.ran == [BY_STATUS] * 3


async def test_a_result_is_shown_again_in_its_own_conversation_only(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate"), routed("chat_reply")],
        sql_generate=[drafted(BY_STATUS)],
        chat_reply=[chat("Of what?")],
    )
    await talk.ask("Orders by status?")
    answer = await talk.ask("as bars", conversation=f"{talk.conversation}:other")
    assert (answer.table, answer.sql) == (None, None)


@in_three_languages
async def test_why_is_answered_from_the_rows_without_a_figure_of_the_models_own(
    bench: Bench, savers: Savers, words: Words
):
    talk = bench.talk(
        savers=savers,
        plan_turn_action=[routed("sql_generate"), routed("sql_validate_explain"), routed("sql_execute")],
        sql_generate=[drafted(BY_STATUS)],
        sql_validate_explain=[{"reply": words.backed + words.invented}],
    )
    first = await talk.ask(words.question)
    assert first.table is not None
    answer = await talk.ask(words.why)
    assert (answer.text, answer.sql, answer.table, codes(answer)) == (words.backed, BY_STATUS, None, [])
    told = talk.asked("sql_validate_explain")[0].partition("<result>")[2].partition("</result>")[0]
    assert all(f'"orders": {row[1]}' in told for row in first.table.rows)
    assert (await talk.ask(words.bars)).table == first.table  # explaining it did not lose it
    assert talk.ran == [BY_STATUS]


async def test_why_with_nothing_but_invented_figures_is_said_to_be_unknown(bench: Bench):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate"), routed("sql_validate_explain")],
        sql_generate=[drafted(BY_STATUS)],
        sql_validate_explain=[{"reply": "Because 98.7% of 12345 customers left."}],
    )
    await talk.ask("Orders by status?")
    answer = await talk.ask("why?")
    assert (answer.text, codes(answer), answer.sql) == (None, ["explain.unbacked"], BY_STATUS)


async def test_at_most_twenty_rows_are_told_to_explain_them(bench: Bench):
    days = "SELECT DATE(created_at) AS day, COUNT(*) AS orders FROM shop.orders GROUP BY day ORDER BY day"
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate"), routed("sql_validate_explain")],
        sql_generate=[drafted(days)],
        sql_validate_explain=[{"reply": "Orders differ by day."}],
    )
    first = await talk.ask("Orders by day?")
    assert first.table is not None
    assert first.table.total_rows > 100
    await talk.ask("why?")
    assert talk.asked("sql_validate_explain")[0].count('"day"') <= 20


@pytest.mark.parametrize("words", ["start over", "처음부터", "最初から"])
async def test_starting_over_forgets_the_question_its_sql_and_its_result(bench: Bench, words: str):
    talk = bench.talk(
        plan_turn_action=[routed("sql_generate"), routed("sql_generate")],
        sql_generate=[drafted(BY_STATUS), drafted(JAPAN)],
    )
    await talk.ask("Orders by status in Xanadu?")
    over = await talk.ask(words, preset=StartOver())
    assert codes(over) == ["conversation.started_over"]
    await talk.ask("only Japan")
    for told in (talk.asked("plan_turn_action")[1], talk.asked("sql_generate")[1]):
        assert "Xanadu" not in told
        assert BY_STATUS not in told


@pytest.mark.parametrize(
    ("question", "answered"),
    [("orders?", "of this year"), ("주문 수는?", "올해 것만"), ("注文数は", "今年の分")],
)
async def test_a_question_back_is_answered_and_the_turn_goes_on(bench: Bench, question: str, answered: str):
    talk = bench.talk(
        plan_turn_action=[routed("chat_reply", 0.9, "Of which year?"), routed("sql_generate")],
        clarify=[{"question": "Of which year?", "choices": []}],
        sql_generate=[drafted(BY_STATUS)],
    )
    back = await talk.ask(question)
    assert back.text
    assert (back.sql, back.table, talk.ran) == (None, None, [])
    answer = await talk.ask(answered)
    assert answer.decision is DecisionWord.AUTO_EXECUTE
    told = talk.asked("sql_generate")[0]
    assert question in told
    assert talk.ran == [BY_STATUS]


async def test_small_talk_between_questions_loses_nothing(bench: Bench, savers: Savers):
    talk = bench.talk(
        savers=savers,
        plan_turn_action=[routed("sql_generate"), routed("chat_reply"), routed("sql_generate")],
        sql_generate=[drafted(BY_STATUS), drafted(JAPAN)],
        chat_reply=[chat("You are welcome!")],
    )
    await talk.ask("Orders by status?")
    thanks = await talk.ask("thanks!")
    assert thanks.route
    assert (thanks.route.action, thanks.text, thanks.sql) == (Action.CHAT_REPLY, "You are welcome!", None)
    await talk.ask("only Japan")
    assert BY_STATUS in talk.asked("sql_generate")[1].partition("<previous_sql>")[2]

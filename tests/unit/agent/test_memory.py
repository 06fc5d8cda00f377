"""What a conversation remembers, and that it stays small."""

import json

from agent.history import MAX_MESSAGES, remember, told
from agent.state import Message
from agent.tokens import estimate_tokens
from agent.turn import Column, Said, Table
from tests.unit.agent.desk import SQL, Desk, chat, drafted, routed

DOWN, ARE_THEY = Said("U2", "sales are down"), Said("U3", "are they?")


async def test_a_follow_up_sees_the_question_the_sql_and_the_first_row():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    await desk.ask("How many orders in 2025?")
    await desk.ask("only Korea")
    second = desk.model.asked("sql_generate")[1]
    assert "U1: How many orders in 2025?" in second.user
    assert '{"n": 42}' in second.user
    assert f"<previous_sql>\n{SQL}\n</previous_sql>" in second.user
    assert second.user.count("only Korea") == 1
    assert second.system == desk.model.asked("sql_generate")[0].system


async def test_authors_are_told_apart():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat())
    await desk.ask("I am Ann")
    await desk.ask("who spoke?")
    assert "U1: I am Ann" in desk.model.asked("plan_turn_action")[1].user
    assert "you: Hi!" in desk.model.asked("plan_turn_action")[1].user


async def test_the_thread_before_us_is_read_once():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("chat_reply")).says("chat_reply", chat())
    await desk.ask("what do you think?", thread=(DOWN, ARE_THEY))
    await desk.ask("and now?", thread=(DOWN, ARE_THEY, Said("U1", "what do you think?")))
    first, second = (prompt.user for prompt in desk.model.asked("plan_turn_action"))
    assert "U2: sales are down\nU3: are they?" in first
    assert second.count("sales are down") == 1


async def test_fifty_turns_with_large_results_take_no_more_room_than_ten():
    desk = Desk()
    wide = Table((Column("a", "STRING"),), tuple(("x" * 500,) for _ in range(1000)), 1000)
    desk.runner.tables[SQL] = wide
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    sizes: list[int] = []
    for number in range(50):
        answer = await desk.ask(f"question {number} " + "w" * 3000)
        assert answer.table is not None
        assert answer.table.total_rows == 1000
        assert answer.table.is_truncated
        sizes.append(len(json.dumps(await desk.state(), default=str)))
    assert sizes[-1] <= sizes[9] * 1.05
    state = await desk.state()
    assert len(state["messages"]) <= MAX_MESSAGES
    checkpoints = [checkpoint async for checkpoint in desk.savers.saver.alist(None)]
    assert len(checkpoints) == 1


async def test_the_state_holds_plain_values_only():
    desk = Desk()
    desk.model.says("plan_turn_action", routed("sql_generate")).says("sql_generate", drafted())
    await desk.ask("orders?")
    state = await desk.state()
    plain = {key: state[key] for key in ("turn_id", "work", "messages", "last")}
    assert json.loads(json.dumps(plain)) == plain
    assert kinds(plain) <= {dict, list, str, int, float, bool, type(None)}


def kinds(value: object) -> set[type]:
    """The exact types in *value*: an enum is not a string here."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {type(value)}.union(*(kinds(item) for item in inner))


def message(number: int, text: str = "hello") -> Message:
    return Message(id=str(number), role="person", user="U1", text=text)


def test_a_message_is_remembered_once():
    once = remember([], [message(1)])
    assert remember(once, [message(1), message(2)]) == [message(1), message(2)]


def test_the_newest_are_kept():
    kept = remember([message(n) for n in range(100)], [message(100)])
    assert len(kept) == MAX_MESSAGES
    assert kept[-1] == message(100)


def test_a_prompt_gets_the_newest_within_its_limit():
    text = told([message(n, f"m{n} " + "x" * 200) for n in range(20)], but="19", tokens=400)
    assert "m18" in text
    assert "m19" not in text
    assert "m13" not in text
    assert estimate_tokens(text) <= 410

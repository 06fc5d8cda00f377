from agent.errors import ModelUnavailable
from agent.llm.model import Meter
from agent.sql.generate import SqlQuestion
from agent.sql.workflow import write_sql
from tests.fakes.model import FakeModel

ASKED = SqlQuestion("how many orders?", schema="TABLE shop.orders", language="English")


class Judge:
    """Refuses each SQL for which it has a problem, and remembers what it saw."""

    def __init__(self, **problems: str) -> None:
        self.problems = problems
        self.seen: list[str] = []

    async def __call__(self, sql: str) -> str | None:
        self.seen.append(sql)
        return self.problems.get(sql)


def draft(sql: str) -> dict[str, str]:
    return {"title": "orders", "sql": sql}


async def test_sql_that_passes_is_not_touched():
    model, judge = FakeModel().says("sql_generate", draft("A")), Judge()
    assert (await write_sql(model, ASKED, judge, Meter())).sql == "A"
    assert [prompt.name for prompt in model.prompts] == ["sql_generate"]


async def test_a_refused_draft_goes_back_with_the_engines_words():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("B"))
    judge = Judge(A="Unrecognized name: oops")
    assert (await write_sql(model, ASKED, judge, Meter())).sql == "B"
    refine = model.asked("sql_refine")[0]
    assert "Unrecognized name: oops" in refine.user
    assert (model.prompts[0].temperature, refine.temperature > 0) == (0, True)
    assert refine.system == model.asked("sql_generate")[0].system
    assert judge.seen == ["A", "B"]


async def test_it_gives_up_after_three_refinements_with_the_last_draft():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", *(draft(sql) for sql in "BCDE"))
    assert (await write_sql(model, ASKED, Judge(A="no", B="no", C="no", D="no"), Meter())).sql == "D"
    assert len(model.prompts) == 4


async def test_a_draft_that_comes_back_is_not_judged_twice_and_the_next_try_is_bolder():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("A"), draft("B"))
    judge = Judge(A="no")
    assert (await write_sql(model, ASKED, judge, Meter())).sql == "B"
    assert judge.seen == ["A", "B"]
    first, second = (prompt.temperature for prompt in model.asked("sql_refine"))
    assert second > first


async def test_every_draft_is_mended_before_it_is_judged():
    model, judge = FakeModel().says("sql_generate", draft("a")).says("sql_refine", draft("b")), Judge(A="no")
    assert (await write_sql(model, ASKED, judge, Meter(), mend=str.upper)).sql == "B"
    assert judge.seen == ["A", "B"]


async def test_a_model_that_fails_while_mending_leaves_the_draft():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", ModelUnavailable())
    assert (await write_sql(model, ASKED, Judge(A="no"), Meter())).sql == "A"


async def test_no_sql_is_an_answer():
    model, judge = FakeModel().says("sql_generate", draft("")), Judge()
    assert (await write_sql(model, ASKED, judge, Meter())).sql == ""
    assert judge.seen == []


async def test_the_constant_part_does_not_depend_on_the_question():
    model = FakeModel().says("sql_generate", draft("A"))
    other = SqlQuestion("지난달 매출", ASKED.schema, "Korean", history="a: b", previous_sql="SELECT 1")
    await write_sql(model, ASKED, Judge(), Meter())
    await write_sql(model, other, Judge(), Meter())
    first, second = model.prompts
    assert first.system == second.system
    assert "how many orders?" not in first.system
    assert first.user.endswith("</message>")

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
    assert "<wrong_sql>\nA\n</wrong_sql>" in refine.user
    assert refine.system == model.asked("sql_generate")[0].system
    assert judge.seen == ["A", "B"]


async def test_it_gives_up_after_two_refinements_with_the_last_draft():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("B"), draft("C"), draft("D"))
    assert (await write_sql(model, ASKED, Judge(A="no", B="no", C="no"), Meter())).sql == "C"
    assert len(model.prompts) == 3


async def test_a_model_that_goes_in_circles_is_not_asked_again():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("A"))
    assert (await write_sql(model, ASKED, Judge(A="no"), Meter())).sql == "A"
    assert len(model.prompts) == 2


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

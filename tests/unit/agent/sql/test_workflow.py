from typing import Any

from agent.errors import ModelUnavailable
from agent.llm.model import Meter
from agent.sql.generate import SqlDraft, SqlQuestion
from agent.sql.workflow import Gravity, Problem, write_sql
from tests.fakes.model import FakeModel

ASKED = SqlQuestion("how many orders?", schema="TABLE shop.orders", language="English")


class Judge:
    """Refuses each SQL for which it has a problem, and remembers what it saw."""

    def __init__(self, **problems: str | Gravity) -> None:
        self.problems = problems
        self.seen: list[str] = []

    async def __call__(self, sql: str) -> Problem | None:
        self.seen.append(sql)
        match self.problems.get(sql):
            case None:
                return None
            case Gravity() as gravity:
                return Problem("no", gravity)
            case words:
                return Problem(words, Gravity.REFUSED)


def draft(sql: str) -> dict[str, str]:
    return {"title": "orders", "sql": sql}


async def best(model: FakeModel, judge: Judge, **options: Any) -> str:
    return (await write_sql(model, ASKED, judge, Meter(), **options)).draft.sql


async def test_sql_that_passes_is_not_touched():
    model, judge = FakeModel().says("sql_generate", draft("A")), Judge()
    assert await best(model, judge) == "A"
    assert [prompt.name for prompt in model.prompts] == ["sql_generate"]


async def test_a_refused_draft_goes_back_with_the_engines_words():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("B"))
    judge = Judge(A="Unrecognized name: oops")
    assert await best(model, judge) == "B"
    refine = model.asked("sql_refine")[0]
    assert "Unrecognized name: oops" in refine.user
    assert (model.prompts[0].temperature, refine.temperature > 0) == (0, True)
    assert refine.system == model.asked("sql_generate")[0].system
    assert judge.seen == ["A", "B"]


async def test_it_gives_up_after_as_many_drafts_as_it_may_write():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", *(draft(sql) for sql in "BCDE"))
    judge = Judge(A="no", B="no", C="no", D="no")
    written = await write_sql(model, ASKED, judge, Meter(), max_tries=3)
    assert (written.draft.sql, written.tries, len(model.prompts)) == ("C", 3, 3)


async def test_one_try_is_one_draft():
    model = FakeModel().says("sql_generate", draft("A"))
    assert await best(model, Judge(A="no"), max_tries=1) == "A"
    assert len(model.prompts) == 1


async def test_the_draft_that_came_nearest_is_the_one_that_is_left():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("B"), draft("C"))
    judge = Judge(A=Gravity.MISNAMED, B=Gravity.INCOMPLETE, C=Gravity.UNREADABLE)
    assert await best(model, judge) == "B"
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("B"), draft(""))
    assert await best(model, Judge(A=Gravity.UNREADABLE, B=Gravity.REFUSED)) == "B"


async def test_each_try_is_announced_with_its_number():
    told: list[tuple[str, int]] = []

    async def follow(draft: SqlDraft, number: int) -> None:
        told.append((draft.sql, number))

    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("B"))
    await best(model, Judge(A="no"), on_try=follow)
    assert told == [("A", 1), ("B", 2)]


async def test_every_further_try_is_bolder():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", draft("A"), draft("B"))
    assert await best(model, Judge(A="no")) == "B"
    first, second = (prompt.temperature for prompt in model.asked("sql_refine"))
    assert second > first


async def test_every_draft_is_mended_before_it_is_judged():
    model, judge = FakeModel().says("sql_generate", draft("a")).says("sql_refine", draft("b")), Judge(A="no")
    assert await best(model, judge, mend=str.upper) == "B"
    assert judge.seen == ["A", "B"]


async def test_a_model_that_fails_while_mending_leaves_the_draft():
    model = FakeModel().says("sql_generate", draft("A")).says("sql_refine", ModelUnavailable())
    assert await best(model, Judge(A="no")) == "A"


async def test_no_sql_is_an_answer():
    model, judge = FakeModel().says("sql_generate", draft("")), Judge()
    assert await best(model, judge) == ""
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

"""The form that somebody likes: for results that can be drawn so, and never over what the question names."""

from dataclasses import replace

import pytest

from agent.turn import (
    Action,
    Actor,
    Answer,
    Audience,
    Column,
    OnProgress,
    Preferences,
    Progress,
    Route,
    ShownAs,
    Table,
    Turn,
)
from bot.charts.preferred import PreferredForms

ROUTE = Route(Action.SQL_GENERATE, 1.0, "x")
COLUMNS = (Column("city", "STRING"), Column("orders", "INT64"))
CITIES = Table(COLUMNS, (("Seoul", 3), ("Tokyo", 2), ("Paris", 1)), 3)
ONE = Table((Column("orders", "INT64"),), ((3,),), 1)


class Answers:
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def answer(self, turn: Turn, on_progress: OnProgress) -> Answer:
        return self._answer

    async def tidy(self, turn: Turn) -> None: ...

    async def stop(self, turn: Turn) -> Answer:
        return self._answer


async def shown(answer: Answer, liked: ShownAs | None) -> Answer:
    async def unwatched(progress: Progress) -> None: ...

    actor = Actor("U1", "T1", preferences=Preferences(shown_as=liked))
    turn = Turn("t", "c", actor, Audience("asker", "D1"), "orders by city?")
    return await PreferredForms(Answers(answer)).answer(turn, unwatched)


@pytest.mark.parametrize(
    ("table", "named", "liked", "form"),
    [
        (CITIES, None, "pie", "pie"),
        (CITIES, None, "table", "table"),
        (CITIES, "bar", "pie", "bar"),
        (CITIES, None, None, None),
        (ONE, None, "pie", None),
        (None, None, "table", None),
    ],
)
async def test_a_liking_is_taken_where_it_suits(
    table: Table | None, named: ShownAs | None, liked: ShownAs | None, form: ShownAs | None
) -> None:
    answer = Answer("t", "en", ROUTE, table=table, shown_as=named)
    assert (await shown(answer, liked)).shown_as == form


async def test_what_the_asker_alone_sees_has_it_too() -> None:
    answer = Answer("t", "en", ROUTE, table=CITIES)
    both = await shown(replace(answer, fuller=answer), "pie")
    assert both.fuller is not None
    assert (both.shown_as, both.fuller.shown_as) == ("pie", "pie")

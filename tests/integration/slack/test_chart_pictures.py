"""A chart that Slack cannot draw becomes a picture in the answer, after the answer itself; nothing waits for it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.results import StoredResult
from agent.turn import Answer, Bill, Column, Table
from bot.charts.chart import Chart, Series
from bot.charts.pictures import NotDrawn, Painter
from bot.local.slack.people import BOT_USER
from bot.local.slack.workspace import BOT_TOKEN, Workspace
from bot.replies import encode_answer
from bot.slack.client import open_client
from bot.slack.desk import Desk
from bot.slack.files import SlackFiles
from bot.slack.illustrator import Illustrator
from bot.slack.presenter import SlackPresenter
from bot.surface import Place
from tests.checked_workspace import CheckedWorkspace
from tests.fakes.replies import FakeReplies
from tests.fakes.results import FakeResults

PNG = b"\x89PNG of the chart"


class FakePainter(Painter):
    def __init__(self) -> None:
        self.drawn_charts: list[Chart] = []
        self.fails = False

    async def drawn(self, chart: Chart, title: str) -> bytes:
        self.drawn_charts.append(chart)
        if self.fails:
            raise NotDrawn("no paint")
        return PNG


@dataclass(frozen=True)
class Bench:
    workspace: Workspace
    presenter: SlackPresenter
    painter: FakePainter
    results: FakeResults
    replies: FakeReplies
    place: Place

    async def answered(self, answer: Answer) -> list[dict[str, Any]]:
        async with self.presenter.open(self.place, may_exist=False) as draft:
            await draft.finish(answer, 1.5)
        assert self.place.thread_ts is not None
        (message,) = self.workspace.answers(self.place.channel, self.place.thread_ts)
        return list(message["blocks"])


async def _at_once(seconds: float) -> None:
    return None


@asynccontextmanager
async def bench() -> AsyncGenerator[Bench]:
    workspace = CheckedWorkspace()
    async with workspace.serving(), open_client(BOT_TOKEN, base_url=workspace.api_url) as client:
        ts = await workspace.post("U0ANA", "C0GENERAL", "hello")
        painter, results, replies = FakePainter(), FakeResults(), FakeReplies()
        illustrator = Illustrator(client, SlackFiles(client), results, replies, painter, sleep=_at_once)
        presenter = SlackPresenter(Desk(client, bot_user=BOT_USER), replies, illustrator=illustrator)
        place = Place("turn-1", f"T0LOCAL:C0GENERAL:{ts}", "C0GENERAL", ts, "U0ANA", float(ts), "en", pressed="By day?")
        yield Bench(workspace, presenter, painter, results, replies, place)


def days(count: int, shown: int | None = None) -> Table:
    rows = tuple((str(date(2025, 1, 1) + timedelta(n)), n, "secret") for n in range(count))
    columns = (Column("day", "DATE"), Column("orders", "INT64"), Column("who", "STRING"))
    return Table(columns, rows[:shown], count)


def answer(table: Table) -> Answer:
    return Answer("turn-1", "en", None, text="Orders by day", table=table, sql="SELECT 1", result_id="result-1")


async def test_the_picture_is_put_into_the_answer_with_its_words() -> None:
    async with bench() as b:
        blocks = await b.answered(answer(days(31)))
        kinds = [block["type"] for block in blocks]
        assert kinds[:3] == ["context", "section", "image"]  # who pressed what stays above
        file = b.workspace.room.files.by_id[blocks[2]["slack_file"]["id"]]
        assert (file.content, file.name) == (PNG, "chart.png")
        assert blocks[2]["alt_text"].startswith("Line chart: Orders by day. 31 values.")


async def test_a_form_that_is_selected_is_painted_below_what_stands_above() -> None:
    async with bench() as b:
        await b.answered(answer(days(31)))
        thread = b.place.thread_ts
        assert thread is not None
        (message,) = b.workspace.answers(b.place.channel, thread)
        await b.presenter.redraw("C0GENERAL", message["ts"], replace(answer(days(31)), shown_as="bar"), above=("who",))
        (message,) = b.workspace.answers(b.place.channel, thread)
        assert [block["type"] for block in message["blocks"]][:3] == ["context", "section", "image"]
        assert [chart.kind for chart in b.painter.drawn_charts] == ["line", "bar"]


async def test_a_form_that_was_selected_meanwhile_is_not_painted_over() -> None:
    async with bench() as b:
        async with b.presenter.open(b.place, may_exist=False) as draft:
            await b.replies.keep_answer("turn-1", encode_answer(replace(answer(days(31)), shown_as="table")))
            await draft.finish(answer(days(31)), None)
        assert b.place.thread_ts is not None
        (message,) = b.workspace.answers(b.place.channel, b.place.thread_ts)
        assert "image" not in [block["type"] for block in message["blocks"]]
        assert len(b.painter.drawn_charts) == 1


async def test_what_slack_draws_itself_is_not_painted() -> None:
    async with bench() as b:
        blocks = await b.answered(answer(days(5)))
        assert [block["type"] for block in blocks][2] == "data_visualization"
        assert b.painter.drawn_charts == []


async def test_an_answer_stands_when_its_picture_fails() -> None:
    async with bench() as b:
        b.painter.fails = True
        blocks = await b.answered(answer(days(31)))
        assert [block["type"] for block in blocks][:3] == ["context", "section", "data_table"]


@pytest.mark.parametrize(("kept", "points"), [(365, 365), (None, None)])
async def test_the_whole_of_a_long_result_is_drawn_where_it_is_kept(kept: int | None, points: int | None) -> None:
    async with bench() as b:
        if kept is not None:
            await b.results.keep(stored(days(kept)))
        await b.answered(answer(days(365, shown=200)))
        assert [len(chart.labels) for chart in b.painter.drawn_charts] == ([points] if points else [])


async def test_the_picture_shows_no_value_that_the_answer_hides() -> None:
    async with bench() as b:
        people = Table(
            (Column("who", "STRING"), Column("spent", "INT64")), tuple((f"Ana {n}", n) for n in range(300)), 300
        )
        await b.results.keep(replace(stored(people), masked_columns=("who",)))
        await b.answered(answer(Table(people.columns, people.rows[:200], 300)))
        assert not any("Ana" in label for chart in b.painter.drawn_charts for label in chart.labels)


def stored(table: Table) -> StoredResult:
    expires = datetime.now(UTC) + timedelta(days=1)
    return StoredResult("turn-1", "c", "SELECT 1", "f", table, Bill(), (), "job", expires)


async def test_the_painter_paints_and_its_failure_tells_no_value(tmp_path: Path) -> None:
    painter, series = Painter(tmp_path), (Series("n", (3.0, 1.0)),)
    picture = await painter.drawn(Chart("bar", ("a", "b"), series, "c"), "Title")
    assert picture.startswith(PNG[:4])
    with pytest.raises(NotDrawn) as failed:
        await painter.drawn(Chart("pie", ("secret",), (), "x"), "t")
    assert "secret" not in str(failed.value)

"""The workspace's page in a real browser: what a person sees, types and presses."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.local.slack.workspace import Workspace
from tests.chromium import Page, open_page
from tests.local.block_samples import GOOD
from tests.local.slack_bench import raw_socket, web_client

pytestmark = pytest.mark.extra("chromium")

CHANNEL, THREAD = "main", "aside"
NUMBERS = [("b", 10), ("a", 9), ("c", 100)]


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def show_sql() -> dict[str, Any]:
    text = {"type": "plain_text", "text": "Show SQL"}
    return {"type": "actions", "elements": [{"type": "button", "action_id": "show_sql", "text": text, "value": "t1"}]}


def data_table(page_size: int = 5) -> dict[str, Any]:
    head = [{"type": "raw_text", "text": name} for name in ("name", "orders")]
    rows = [
        [{"type": "raw_text", "text": name}, {"type": "raw_number", "value": n, "text": f"{n:,}"}]
        for name, n in NUMBERS
    ]
    return {"type": "data_table", "caption": "Orders", "page_size": page_size, "rows": [head, *rows]}


async def answer(client: AsyncWebClient, channel: str, thread_ts: str | None, *blocks: dict[str, Any]) -> str:
    posted = await client.chat_postMessage(channel=channel, thread_ts=thread_ts, text="fallback", blocks=list(blocks))
    return posted["ts"]


async def first_column(page: Page) -> list[str]:
    return await page.evaluate("[...document.querySelectorAll('.data-table tbody th')].map(e => e.innerText)")


async def test_a_question_is_asked_answered_and_its_sql_shown_in_a_modal() -> None:
    async with (
        Workspace().serving() as workspace,
        raw_socket(workspace) as bot,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        await page.type(f"{CHANNEL} [data-composer]", "@Data Bolt how many orders?", enter=True)
        mention = (await bot.receive_and_ack())["payload"]["event"]
        await bot.receive_and_ack()
        assert (mention["type"], mention["text"]) == ("app_mention", "<@U0BOLT> how many orders?")

        reply = await answer(client, mention["channel"], mention["ts"], section("… Writing SQL"))
        await bot.receive_and_ack()
        await page.wait_for_text("Writing SQL", THREAD)
        blocks = [section("*14,203* orders"), data_table(), show_sql()]
        await client.chat_update(channel=mention["channel"], ts=reply, text="14,203 orders", blocks=blocks)
        await bot.receive_and_ack()
        await page.wait_for_text("14,203 orders", THREAD)
        assert "Writing SQL" not in await page.text(THREAD)
        assert await first_column(page) == ["b", "a", "c"]

        await page.click(f"{THREAD} button", text="Show SQL")
        click = (await bot.receive_and_ack())["payload"]
        assert (click["actions"][0]["value"], click["user"]["id"]) == ("t1", "U0ANA")
        title = {"type": "plain_text", "text": "SQL"}
        loading = {"type": "modal", "title": title, "blocks": [section("Loading…")]}
        opened = await client.views_open(trigger_id=click["trigger_id"], view=loading)
        await page.wait_for_text("Loading…", "dialog")
        filled = {"type": "modal", "title": title, "blocks": [section("```SELECT 1```")]}
        await client.views_update(view_id=opened["view"]["id"], view=filled)
        await page.wait_for_text("SELECT 1", "dialog pre")
        await page.press("Escape")
        await page.wait_for("!document.querySelector('dialog').open")
        assert workspace.modals("U0ANA") == []
        assert page.errors == []


async def test_a_suggested_question_is_asked_with_one_press() -> None:
    async with (
        Workspace(suggestions=["How many <orders>?"]).serving() as workspace,
        open_page(workspace.page_url) as page,
    ):
        await page.click("button", text="How many <orders>?")
        message = (await workspace.wait_for(lambda: workspace.messages("C0GENERAL")))[0]
    assert message["text"] == "<@U0BOLT> How many &lt;orders&gt;?"


async def test_another_person_speaks_from_the_same_page_in_their_own_dm() -> None:
    async with Workspace().serving() as workspace, open_page(workspace.page_url) as page:
        await page.click("[data-person=U0MINSU]")
        await page.click("[data-channel=D0MINSU]")
        await page.type(f"{CHANNEL} [data-composer]", "안녕하세요", enter=True)
        message = (await workspace.wait_for(lambda: workspace.messages("D0MINSU")))[0]
        await page.wait_for_text("안녕하세요", ".message")
    assert (message["user"], message["text"]) == ("U0MINSU", "안녕하세요")


async def test_enter_while_a_syllable_is_composed_does_not_send() -> None:
    async with Workspace().serving() as workspace, open_page(workspace.page_url) as page:
        await page.type(f"{CHANNEL} [data-composer]", "매출")
        await page.command("Input.imeSetComposition", text="은", selectionStart=1, selectionEnd=1)
        composing = "new Promise(r => addEventListener('keydown', e => r(e.isComposing), {once: true, capture: true}))"
        await page.evaluate(f"window.composing = {composing}, true")
        await page.press("Enter")
        assert await page.evaluate("window.composing"), (
            "the browser must say that it is composing, or this proves nothing"
        )
        await page.evaluate("new Promise(r => setTimeout(r, 100))")
        assert workspace.messages("C0GENERAL") == []
        await page.command("Input.insertText", text="은?")
        await page.press("Enter")
        messages = await workspace.wait_for(lambda: workspace.messages("C0GENERAL"))
    assert [message["text"] for message in messages] == ["매출은?"]


async def test_a_data_table_is_sorted_by_number_and_turns_its_pages() -> None:
    async with (
        Workspace().serving() as workspace,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        await answer(client, "C0GENERAL", None, data_table(page_size=2))
        await page.wait_for_text("1\u20132 of 3 rows")
        await page.click(".data-table thead button", text="orders")
        descending = await first_column(page)
        await page.click(".data-table thead button", text="orders▾")
        ascending = await first_column(page)
        order = await page.evaluate("document.querySelectorAll('.data-table thead th')[1].ariaSort")
        await page.click("[aria-label='Next page']")
        last = await first_column(page)
    assert (descending, ascending, last) == (["c", "b"], ["a", "b"], ["c"])
    assert order == "ascending"


async def test_what_people_and_bots_write_is_never_markup() -> None:
    hostile = "<img src=x onerror=alert(1)><script>window.pwned = 1</script>"
    cells = [[{"type": "raw_text", "text": hostile}], [{"type": "raw_text", "text": hostile}]]
    blocks = [
        section(hostile),
        section("<javascript:window.pwned=1|press me> :constructor: <@U0NOBODY|x>"),
        section("<!date^1767603600^{date_of_no_kind}|the &lt;b&gt;fifth&lt;/b&gt; of January>"),
        {"type": "markdown", "text": f"{hostile} [press me](javascript:window.pwned=1)"},
        {"type": "data_table", "caption": hostile, "rows": cells},
        {"type": "image", "image_url": "https://example.com/x.png", "alt_text": hostile},
    ]
    async with (
        Workspace().serving() as workspace,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        await workspace.post("U0ANA", "C0GENERAL", hostile)
        await answer(client, "C0GENERAL", None, *blocks)
        await page.wait_for("document.querySelectorAll('.data-table').length === 1")
        grown = await page.evaluate(
            "document.querySelectorAll('main img:not([src=\"/page/bolt.svg\"]), main script').length"
        )
        links = await page.evaluate("[...document.querySelectorAll('main a')].map(a => a.protocol)")
        text = await page.text(".data-table tbody")
        pwned = await page.evaluate("window.pwned ?? null")
        moment = await page.text("main .message time:not(.gutter-time):not(.author time)")
    assert moment == "the <b>fifth</b> of January"
    assert (grown, links, pwned) == (0, [], None)
    assert text.strip() == hostile
    assert page.errors == []


async def test_a_form_sends_what_was_typed_and_shows_what_is_wrong_with_it() -> None:
    label = {"type": "plain_text", "text": "Question"}
    form = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Refine"},
        "submit": {"type": "plain_text", "text": "Run"},
        "blocks": [
            {
                "type": "input",
                "block_id": "q",
                "label": label,
                "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
            }
        ],
    }
    async with (
        Workspace().serving() as workspace,
        raw_socket(workspace) as bot,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        await client.views_open(trigger_id=workspace.room.triggers.issue("U0ANA"), view=form)
        await page.type("dialog textarea", "by month")
        await page.click("dialog button", text="Run")
        sent = await bot.receive()
        await page.wait_for("document.querySelector('dialog button.busy')")
        await bot.ack(sent, {"response_action": "errors", "errors": {"q": "Which year?"}})
        await page.wait_for_text("Which year?", "dialog .input-error")
        await page.click("dialog button", text="Run")
        await bot.receive_and_ack()
        await page.wait_for("!document.querySelector('dialog').open")
    assert sent["payload"]["view"]["state"]["values"]["q"]["text"]["value"] == "by month"


async def test_the_banner_says_what_stands_in_and_changes_while_people_look() -> None:
    async with Workspace().serving() as workspace, open_page(workspace.page_url) as page:
        workspace.banner = [{"level": "progress", "text": "Model: loading 10 %"}]
        await page.wait_for_text("loading 10 %", "#banner .progress")
        workspace.banner = [{"level": "warning", "text": "Model: scripted"}]
        await page.wait_for_text("scripted", "#banner .warning")
        assert "loading" not in await page.text("#banner")


async def test_reactions_and_whispers_come_and_go_without_a_reload() -> None:
    async with (
        Workspace().serving() as workspace,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        ts = await workspace.post("U0MINSU", "C0GENERAL", "look")
        await client.reactions_add(channel="C0GENERAL", timestamp=ts, name="eyes")
        await page.click(".reaction")
        await workspace.wait_for(lambda: workspace.messages("C0GENERAL")[0]["reactions"][0]["count"] == 2)
        await page.wait_for("document.querySelector('.reaction.mine')")
        await client.chat_postEphemeral(channel="C0GENERAL", user="U0AOI", text="not for Ana")
        await client.chat_postEphemeral(channel="C0GENERAL", user="U0ANA", text="for Ana alone")
        await page.wait_for_text("for Ana alone", ".ephemeral")
        assert "not for Ana" not in await page.text(CHANNEL)
        await client.chat_delete(channel="C0GENERAL", ts=await answer(client, "C0GENERAL", None, section("oops")))
        await page.wait_for("!document.body.innerText.includes('oops')")


async def test_the_page_comes_back_when_the_workspace_does() -> None:
    async with AsyncExitStack() as serving:
        first = await serving.enter_async_context(Workspace().serving())
        port = int(first.page_url.strip("/").rsplit(":", 1)[1])
        async with open_page(first.page_url) as page:
            await first.post("U0ANA", "C0GENERAL", "before")
            await page.wait_for_text("before", ".message")
            await serving.aclose()
            await page.wait_for_text("waiting for the workspace", "#connection")
            async with Workspace().serving(port=port) as second:
                await second.post("U0ANA", "C0GENERAL", "after")
                await page.wait_for_text("after", ".message")
                assert "before" not in await page.text(CHANNEL)


async def test_trouble_is_made_with_a_press_and_its_traces_are_shown() -> None:
    async with (
        Workspace(linger=0.05).serving() as workspace,
        raw_socket(workspace) as bot,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        await workspace.post("U0ANA", "D0ANA", "hello")
        await bot.receive_and_ack()
        await page.click("#trouble-opener")
        await page.wait_for_text("1 socket", "#trouble")
        await page.click("[data-trouble=fail]")
        await workspace.wait_for(lambda: workspace.faults.next("chat.update"))
        client.retry_handlers.clear()
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel="C0GENERAL", text="hello")
        await page.wait_for_text("internal_error", "#trouble .bad")
        await page.click("[data-trouble=drop]")
        await page.wait_for_text("0 sockets", "#trouble")
        assert "message" in await page.text("#trouble ol")
        await page.press("Escape")
        await page.wait_for("document.querySelector('#trouble').hidden")
        assert page.errors == []


async def test_every_kind_of_block_is_drawn() -> None:
    async with (
        Workspace().serving() as workspace,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        for block in GOOD.values():
            await client.chat_postMessage(channel="D0ANA", text="only the fallback", blocks=[block])
            workspace.limits.limits.clear()
        await page.click("[data-channel=D0ANA]")
        await page.wait_for_text("lone task", CHANNEL)
        shown = await page.text(CHANNEL)
        drawn = await page.evaluate(
            "[...document.querySelectorAll('main .block')].map(e => e.classList[e.classList.length - 1])"
        )
        unknown = await page.evaluate("document.querySelectorAll('.unsupported').length")
    assert "only the fallback" not in shown
    assert unknown == 0
    assert {f"block-{block['type']}" for block in GOOD.values()} <= set(drawn)
    for words in (
        "section words",
        "rich words",
        "data cell",
        "inside the container",
        "details of the task",
        "area title",
    ):
        assert words in shown
    assert page.errors == []


async def test_a_choice_in_a_menu_and_a_feedback_reach_the_bot() -> None:
    async with (
        Workspace().serving() as workspace,
        raw_socket(workspace) as bot,
        web_client(workspace) as client,
        open_page(workspace.page_url) as page,
    ):
        await answer(client, "C0GENERAL", None, GOOD["actions"], GOOD["context_actions"])
        await bot.receive_and_ack()
        await page.wait_for("document.querySelector('[data-action=menu]')")
        await page.evaluate(
            "(() => { const menu = document.querySelector('[data-action=menu]'); menu.value = '1';"
            " menu.dispatchEvent(new Event('change')); })()"
        )
        chosen = (await bot.receive_and_ack())["payload"]["actions"][0]
        await page.click("[aria-label=Bad]")
        feedback = (await bot.receive_and_ack())["payload"]["actions"][0]
    assert (chosen["action_id"], chosen["selected_option"]["value"]) == ("menu", "second")
    assert (feedback["type"], feedback["value"]) == ("feedback_buttons", "bad")

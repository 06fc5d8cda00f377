"""What the page and the command line do to the workspace over HTTP: the same gestures that tests call as methods."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

from bot.local.slack.envelopes import Envelope
from bot.local.slack.gestures import Gestures
from bot.local.slack.live import Live
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError, as_object, read_json
from bot.local.slack.trouble import Trouble


def _told(envelope: Envelope) -> Json:
    return {"envelope_id": envelope.id}


def _summary(envelope: Envelope) -> Json:
    return {
        "envelope_id": envelope.id,
        "event": envelope.event.get("type"),
        "deliveries": len(envelope.deliveries),
        "acks": [{"seconds": round(ack.seconds, 4), "link": ack.link} for ack in envelope.acks],
    }


Act: TypeAlias = Callable[[Json], Json | Awaitable[Json]]


class LocalApi:
    """POST bodies are JSON objects, answers `{"ok": true, ...}`; a wrong one is 400 `{"ok": false, "error": ...}`."""

    def __init__(
        self,
        room: Room,
        gestures: Gestures,
        live: Live,
        trouble: Trouble,
        *,
        state: Callable[[], Json],
        banner: Callable[[], list[Json]],
    ) -> None:
        self._trouble = trouble
        self._room = room
        self._gestures = gestures
        self._live = live
        self._state = state
        self._banner = banner

    def routes(self) -> list[web.RouteDef]:
        posts: dict[str, Act] = {
            "post": self._post,
            "react": self._react,
            "click": self._click,
            "submit": self._submit,
            "close_view": self._close_view,
            "command": self._command,
            "shortcut": self._shortcut,
            "stop_session": self._stop_session,
            "open_home": self._open_home,
            "dismiss": self._dismiss,
            "trouble": self._strike,
        }
        return [
            *(web.post(f"/local/{name}", self._handler(act)) for name, act in posts.items()),
            web.get("/local/state", self._get_state),
            web.get("/local/banner", self._get_banner),
            web.get("/local/thread", self._get_thread),
            web.get("/local/trouble", self._get_trouble),
            web.get("/local/live", self._live.serve),
        ]

    @staticmethod
    def _handler(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            # JSON only: a foreign page cannot send that type without asking first, and is told no.
            if request.content_type != "application/json":
                return web.json_response({"ok": False, "error": "send application/json"}, status=415)
            try:
                body = as_object(read_json(await request.text()))
                done = act(body)
                return web.json_response({"ok": True} | (await done if isinstance(done, Awaitable) else done))
            except KeyError as missing:
                return web.json_response({"ok": False, "error": f"missing {missing.args[0]}"}, status=400)
            except (ValueError, LookupError, SlackError) as error:
                return web.json_response({"ok": False, "error": str(error)}, status=400)

        return handle

    def _post(self, body: Json) -> Json:
        thread_ts = body.get("thread_ts") or None
        message = self._room.post_as_person(body["user"], body["channel"], str(body["text"]), thread_ts)
        return {"ts": message["ts"], "channel": body["channel"]}

    def _react(self, body: Json) -> Json:
        remove = bool(body.get("remove"))
        self._room.react(body["user"], body["channel"], body["ts"], str(body["name"]).strip(":"), remove=remove)
        return {}

    def _click(self, body: Json) -> Json:
        value, choice = body.get("value"), as_object(body.get("choice"))
        if "view_id" in body:
            view_id, action_id = body["view_id"], body["action_id"]
            return _told(self._gestures.click_in_view(body["user"], view_id, action_id, value=value, choice=choice))
        where = (body["user"], body["message_ts"], body["channel"], body["action_id"])
        return _told(self._gestures.click(*where, value=value, choice=choice))

    def _submit(self, body: Json) -> Json:
        return _told(self._gestures.submit(body["user"], body["view_id"], as_object(body.get("values"))))

    def _close_view(self, body: Json) -> Json:
        self._gestures.close_view(body["user"], body["view_id"])
        return {}

    def _command(self, body: Json) -> Json:
        text = str(body.get("text", ""))
        return _told(self._gestures.command(body["user"], body["channel"], body["command"], text))

    def _shortcut(self, body: Json) -> Json:
        where = (body["user"], body["channel"], body["ts"])
        return _told(self._gestures.shortcut(*where, str(body["callback_id"])))

    def _stop_session(self, body: Json) -> Json:
        return _told(self._gestures.stop_session(body["user"], body["channel"], str(body["thread_ts"])))

    def _open_home(self, body: Json) -> Json:
        return _told(self._gestures.open_home(body["user"], str(body.get("tab", "home"))))

    def _dismiss(self, body: Json) -> Json:
        """Take an ephemeral message off the screen."""
        gone = [m for m in self._room.board.ephemeral if m["ts"] != body["ts"]]
        self._room.board.ephemeral[:] = gone
        return {}

    async def _strike(self, body: Json) -> Json:
        await self._trouble.strike(str(body["kind"]))
        return {}

    async def _get_trouble(self, request: web.Request) -> web.Response:
        return web.json_response(self._trouble.seen())

    async def _get_state(self, request: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def _get_thread(self, request: web.Request) -> web.Response:
        """`?channel=&ts=`: a post with its replies, and what became of the envelopes that told the bot of it."""
        channel, ts = request.query.get("channel", ""), request.query.get("ts", "")
        try:
            messages = self._room.board.thread(channel, ts)
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code}, status=404)
        envelopes = [_summary(e) for e in self._room.courier.envelopes if e.event.get("ts") == ts]
        return web.json_response({"ok": True, "messages": messages, "envelopes": envelopes})

    async def _get_banner(self, request: web.Request) -> web.Response:
        return web.json_response(self._banner())

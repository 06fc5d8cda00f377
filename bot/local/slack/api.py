"""The Web API over HTTP: token, faults, limits, then the method; answers in Slack's shape."""

from collections.abc import Callable

import structlog
from aiohttp import web

from bot.local.slack.call import Call, read_call
from bot.local.slack.faults import CutOff, Faults, suffer
from bot.local.slack.limits import Limits
from bot.local.slack.methods.table import APP_TOKEN_METHODS, METHODS
from bot.local.slack.room import Room
from bot.local.slack.shapes import Json, SlackError, as_list, objects

log = structlog.get_logger(__name__)

SCOPES = (
    "app_mentions:read,assistant:write,chat:write,commands,channels:read,channels:history,groups:read,groups:history,"
    "files:write,im:history,im:read,im:write,mpim:history,mpim:read,reactions:read,reactions:write,users:read,"
    "usergroups:read"
)


class Api:
    def __init__(
        self,
        room: Room,
        *,
        bot_token: str,
        app_token: str,
        limits: Limits,
        faults: Faults,
        on_call: Callable[[Call], None],
    ) -> None:
        self._room = room
        self._bot_token = bot_token
        self._app_token = app_token
        self._limits = limits
        self._faults = faults
        self._on_call = on_call
        self.scopes = SCOPES
        """Of the bot token, as each answer names them."""
        self._response_urls: dict[str, tuple[str, str, str | None, str | None]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/{method}", self._serve),
            web.get("/api/{method}", self._serve),
            web.post("/response/{token}", self._serve_response_url),
        ]

    def response_url(self, user: str, channel: str, ts: str | None, thread_ts: str | None) -> str:
        """An address that lets its holder answer one gesture."""
        token = f"r{len(self._response_urls)}"
        self._response_urls[token] = (user, channel, ts, thread_ts)
        return f"{self._room.base_url}/response/{token}"

    async def _serve(self, request: web.Request) -> web.Response:
        call = Call(request.match_info["method"], {}, "")
        try:
            call = await read_call(request)
            call.answer = {"ok": True} | await self._answer(call)
        except SlackError as error:
            call.error, call.answer = error.code, error.body()
            log.debug("local_slack.call_refused", method=call.method, error=error.code, status=error.status)
            return self._respond(call, error)
        except CutOff:
            call.error = "cut"
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)  # goes nowhere
        finally:
            self._on_call(call)
        return self._respond(call, None)

    async def _answer(self, call: Call) -> Json:
        method = METHODS.get(call.method)
        if method is None:
            raise SlackError("unknown_method")
        self._check_token(call)
        await self._faults.pass_slowly()
        fault = self._faults.next(call.method)
        if fault is not None and not fault.after:
            await suffer(fault)
        self._limits.take(call.method, call.text("channel"))
        answer = method(self._room, call)
        if fault is not None:
            await suffer(fault)
        return answer

    def _check_token(self, call: Call) -> None:
        """Raises not_authed, invalid_auth, not_allowed_token_type."""
        if not call.token:
            raise SlackError("not_authed")
        right, other = self._bot_token, self._app_token
        if call.method in APP_TOKEN_METHODS:
            right, other = other, right
        if call.token == right:
            return
        raise SlackError("not_allowed_token_type" if call.token == other else "invalid_auth")

    def _respond(self, call: Call, error: SlackError | None) -> web.Response:
        headers = {"X-OAuth-Scopes": self.scopes}
        if error is None:
            return web.json_response(call.answer, headers=headers)
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        if error.status >= 500:
            return web.Response(status=error.status, text="<html>upstream error</html>", content_type="text/html")
        return web.json_response(call.answer, status=error.status, headers=headers)

    async def _serve_response_url(self, request: web.Request) -> web.Response:
        known = self._response_urls.get(request.match_info["token"])
        if known is None:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        user, channel, ts, thread_ts = known
        body: Json = await request.json()
        fields: Json = {"text": str(body.get("text", ""))}
        if as_list(body.get("blocks")):
            fields["blocks"] = objects(body["blocks"])
        if body.get("delete_original") and ts:
            self._room.delete_as_bot(channel, ts)
        elif body.get("replace_original") and ts:
            self._room.change_as_bot(channel, ts, fields)
        elif body.get("response_type") == "in_channel":
            self._room.post_as_bot(channel, fields, thread_ts)
        else:
            self._room.whisper(channel, user, fields, thread_ts)
        return web.Response(text="ok")

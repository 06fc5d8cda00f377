"""Slack's Web API over one HTTP session: waits where Slack says wait, tries again what is safe to try again."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.logging import hide_own_secrets
from bot.slack.gates import Gates, Sleep, TooLongAWait, Urgency

log = structlog.get_logger(__name__)

TRIES: Final = 4
"""Of a call that failed for no reason of ours. A 429 is no failure and is not counted."""
LONGEST_WAIT: Final = 120.0
"""Seconds that one call may spend behind closed gates; then the inbox tries the whole item again later."""
DEFAULT_RETRY_AFTER: Final = 5.0
REQUEST_TIMEOUT: Final = aiohttp.ClientTimeout(total=30, connect=10)
ONCE_ONLY: Final = frozenset({"chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal", "views.open"})
"""Done twice they show: where the first try may have arrived, the caller has to look before it tries again."""
_SHORT: Final = frozenset({"views.open"})
"""Calls that are of no use after a wait: a trigger lives three seconds."""
RATE_LIMITED: Final = frozenset({"ratelimited", "rate_limited"})
SLACKS_OWN_FAILURES: Final = frozenset({"", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
NETWORK_ERRORS: Final = (aiohttp.ClientError, TimeoutError)

OnRequest: TypeAlias = Callable[[str, Literal["ok", "refused", "rate_limited", "failed"]], None]
"""Told of every request by its method, and what Slack made of it."""
AroundCall: TypeAlias = Callable[[str], AbstractContextManager[None]]
"""Entered around every call by its method: its waits at the gates and all of its requests."""

_urgency: Final[ContextVar[Urgency]] = ContextVar("urgency", default=Urgency.SIGN)


class SlackUnavailable(Exception):
    """Slack did not answer, answered 5xx, or kept us waiting too long."""

    is_transient = True


class MaybeDone(SlackUnavailable):
    """The connection broke or Slack failed after it may have done what was asked."""


class PatientClient(AsyncWebClient):
    """An AsyncWebClient whose every call goes through the gates. Slack's own refusals stay SlackApiError."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str,
        session: aiohttp.ClientSession,
        gates: Gates | None = None,
        sleep: Sleep = asyncio.sleep,
        on_request: OnRequest = lambda method, outcome: None,
        around_call: AroundCall = lambda method: nullcontext(),
    ) -> None:
        # No retry handlers: theirs know one call each, and would fire again together.
        super().__init__(token=token, base_url=base_url, session=session, retry_handlers=[], logger=quiet_logger())
        if _is_reached_directly(base_url):
            self.proxy = None
        self.gates = gates or Gates(sleep=sleep)
        self._pause = sleep
        self._on_request = on_request
        self._around_call = around_call

    async def api_call(self, api_method: str, **kwargs: Any) -> AsyncSlackResponse:
        """Raises SlackApiError (Slack refused), SlackUnavailable, or MaybeDone for what is not done twice."""
        with self._around_call(api_method):
            return await self._call_patiently(api_method, kwargs)

    async def _call_patiently(self, api_method: str, kwargs: dict[str, Any]) -> AsyncSlackResponse:
        channel = _channel_of(kwargs)
        patience = 0.0 if api_method in _SHORT else LONGEST_WAIT
        tried = 0
        while True:
            try:
                patience -= await self.gates.enter(api_method, channel, _urgency.get(), patience=patience)
            except TooLongAWait as error:
                raise SlackUnavailable(f"rate limited: {error}") from error
            try:
                return await self._try(api_method, channel, kwargs)
            except _RateLimited:
                continue
            except MaybeDone:
                raise
            except SlackUnavailable:
                tried += 1
                if tried >= TRIES or api_method in _SHORT:
                    raise
                await self._pause(random.uniform(0.5, 1.0) * 2**tried / 4)  # noqa: S311  # jitter, not a secret

    async def call_once(self, api_method: str, **kwargs: Any) -> bool:
        """One try, if there is room for it now: for what is overtaken by the next one anyway. True when done."""
        try:
            return await self.try_now(api_method, **kwargs) is not None
        except (SlackUnavailable, SlackApiError) as error:
            log.info("slack.call_skipped", method=api_method, channel=_channel_of(kwargs), error=repr(error))
            return False

    async def try_now(self, api_method: str, **kwargs: Any) -> AsyncSlackResponse | None:
        """One try; None where there is no room for it now. Raises what `api_call` raises."""
        channel = _channel_of(kwargs)
        if not self.gates.enter_now(api_method, channel):
            return None
        try:
            with self._around_call(api_method):
                return await self._try(api_method, channel, kwargs)
        except _RateLimited:
            return None

    async def _try(self, api_method: str, channel: str, kwargs: dict[str, Any]) -> AsyncSlackResponse:
        # The SDK adds the token to the headers it is handed: each try gets its own.
        arguments: dict[str, Any] = {**_without_our_secrets(kwargs), "headers": dict(kwargs.get("headers") or {})}
        try:
            response = await super().api_call(api_method, **arguments)
        except SlackApiError as error:
            status = getattr(error.response, "status_code", None) or getattr(error.response, "status", 0)
            code = error_code(error)
            if status == 429 or code in RATE_LIMITED:
                seconds = _retry_after(error)
                self.gates.close(api_method, channel, seconds)
                self._on_request(api_method, "rate_limited")
                log.warning("slack.rate_limited", method=api_method, channel=channel, retry_after=seconds)
                raise _RateLimited from error
            if status >= 500 or code in SLACKS_OWN_FAILURES:
                self._on_request(api_method, "failed")
                log.warning("slack.call_failed", method=api_method, channel=channel, status=status, error=code)
                raise _failure(api_method, f"HTTP {status} {code}") from error
            self._on_request(api_method, "refused")
            raise
        except aiohttp.ClientConnectorError as error:  # nothing was sent
            self._on_request(api_method, "failed")
            log.warning("slack.call_failed", method=api_method, channel=channel, error=repr(error))
            raise SlackUnavailable(f"{api_method}: {error}") from error
        except NETWORK_ERRORS as error:
            self._on_request(api_method, "failed")
            log.warning("slack.call_failed", method=api_method, channel=channel, error=repr(error))
            raise _failure(api_method, repr(error)) from error
        self._on_request(api_method, "ok")
        return response


@asynccontextmanager
async def open_client(
    token: str,
    *,
    base_url: str,
    on_request: OnRequest = lambda method, outcome: None,
    around_call: AroundCall = lambda method: nullcontext(),
) -> AsyncGenerator[PatientClient]:
    """The client and its one HTTP session: a session per call would cost a TLS handshake each."""
    async with aiohttp.ClientSession(timeout=REQUEST_TIMEOUT) as session:
        yield PatientClient(token, base_url=base_url, session=session, on_request=on_request, around_call=around_call)


@contextmanager
def urgent(urgency: Urgency) -> Generator[None]:
    """What is called inside goes before what is less urgent, where they wait for the same gate."""
    token = _urgency.set(urgency)
    try:
        yield
    finally:
        _urgency.reset(token)


def quiet_logger() -> logging.Logger:
    """For Slack's libraries: below error they log whole requests, and those hold people's words and rows."""
    logger = logging.getLogger("bot.slack.libraries")
    logger.setLevel(logging.ERROR)
    return logger


def _is_reached_directly(url: str) -> bool:
    """The SDK takes the proxy from the environment and leaves out what the environment excepts from it."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK or bool(proxy_bypass(host))


def error_code(error: SlackApiError) -> str:
    """Slack's word for what was wrong (`channel_not_found`); empty where no answer of Slack's could be read."""
    response = error.response
    data = response.data if isinstance(response, AsyncSlackResponse) else response
    return str(cast("dict[str, Any]", data).get("error", "")) if isinstance(data, dict) else ""


class _RateLimited(Exception):
    """Turned away; the gate knows until when."""


def _failure(api_method: str, detail: str) -> SlackUnavailable:
    kind = MaybeDone if api_method in ONCE_ONLY else SlackUnavailable
    return kind(f"{api_method}: {detail}")


def _without_our_secrets(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Whatever an error repeats, and whoever asks a model for it: no secret of the daemon's own is said in Slack.

    The SDK takes an argument named `token` for the call's own credentials.
    """
    shown = {name: kwargs[name] for name in ("json", "params", "data") if isinstance(kwargs.get(name), dict)}
    hidden = {
        name: {key: value if key == "token" else hide_own_secrets(value) for key, value in arguments.items()}
        for name, arguments in shown.items()
    }
    return {**kwargs, **hidden}


def _channel_of(kwargs: Mapping[str, Any]) -> str:
    for name in ("json", "params", "data"):
        arguments = kwargs.get(name)
        if isinstance(arguments, dict) and (channel := cast("dict[str, Any]", arguments).get("channel")):
            return str(channel)
    return ""


def _retry_after(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), None)
    try:
        return max(0.0, float(value)) if value is not None else DEFAULT_RETRY_AFTER
    except ValueError:
        return DEFAULT_RETRY_AFTER

"""Does an address answer at all, and what time is it there? Any answer will do: its Date header is that clock."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import aiohttp

_TIMEOUT: Final = aiohttp.ClientTimeout(total=8, connect=5)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Heard:
    """An HTTP answer, whatever it said."""

    host: str
    status: int
    seconds: float
    """From asking to answer, connecting included."""
    date: datetime | None
    """By the server's clock; None where it does not say."""
    at: float
    """When the answer came, by the monotonic clock."""

    def skew(self, now: datetime) -> timedelta | None:
        """How far *now*, this moment by our clock, is ahead of the server's."""
        if self.date is None:
            return None
        # Its Date was written about half-way between asking and hearing.
        return now - self.date - timedelta(seconds=time.monotonic() - self.at + self.seconds / 2)


class Unreachable(Exception):
    """Nobody answered. The message is a clause that says who, and what happened instead."""


async def listen(url: str) -> Heard:
    """Raises Unreachable."""
    address = urlsplit(url)
    host = address.hostname or url
    where = f"{address.scheme}://{address.netloc}"
    started = time.monotonic()
    try:
        # trust_env: the way out may be a proxy's
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=host not in _LOOPBACK) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            heard = time.monotonic()
            return Heard(host, answer.status, heard - started, _date_of(answer.headers), heard)
    except TimeoutError:
        raise Unreachable(f"{where} does not answer") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unreachable(f"{where} cannot be reached ({type(error).__name__}: {error})") from error


def _date_of(headers: Mapping[str, str]) -> datetime | None:
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)

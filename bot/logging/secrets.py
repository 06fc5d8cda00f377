"""Secrets in a text: those we were handed, by their value, and others by their shape.

Values come first: a password of letters only has no shape. Shapes find what we were never told of: a key that an
endpoint's error repeats, a token in a traceback of a library.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, unquote, urlsplit

REDACTED: Final = "[redacted]"
LEAST_LENGTH: Final = 6
"""Characters. What is shorter would be found in the middle of ordinary words."""
NO_WORD: Final = 12
"""From this length on, also what has letters only: a password like `postgres` would hide every line about Postgres."""

_SHAPES: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<![A-Za-z0-9])(?:"
    r"xox[a-z](?:\.xox[a-z])?-[-A-Za-z0-9]{6,}|xapp-[-A-Za-z0-9]{6,}"  # Slack
    r"|sk-[-_A-Za-z0-9]{8,}|(?:sk|pk|rk|whsec)_(?=[A-Za-z_]*\d)\w{16,}"  # OpenAI, Anthropic; Stripe
    r"|ya29\.[-\w.]{6,}|1//0[-\w]{20,}|GOCSPX-[-\w]{10,}|AIza[-\w]{30,}"  # Google
    r"|(?:AKIA|ASIA)[A-Z0-9]{12,}"  # AWS
    r"|gh[a-z]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[-\w]{16,}|hf_[A-Za-z0-9]{20,}"
    r"|eyJ[-\w]{8,1000}+\.[-\w]{8,}+(?:\.[-\w]*+)?)"  # JWT; bounded, for it is tried at every hyphen
    r"|(?<=hooks\.slack\.com/)(?:services|commands|workflows|actions)/[\w/]{12,}"
    r"|(?<=files\.slack\.com/upload/v1/)\w{12,}"
)
_SAID_OF_ONE: Final = (
    r"(?!(?:cannot|could|denied|empty|expected|expired|failed|field|input|invalid|missing|must|none|null|refused|required"
    r"|should|unknown|unreadable|unset|value|wrong)\b)"
)
"""What follows a name and a colon where a message is about a key: operators look for these words."""
_NAMED: Final = re.compile(
    r"(?P<scheme>\bauthorization['\"]?\s*[:=]\s*['\"]?(?:\w+\s+)?|\b(?:bearer|basic)\s+(?=[^\s'\"]*\d))"
    r"(?P<token>[-A-Za-z0-9._~+/]{8,}=*)"
    r"|(?P<key>(?:[?&](?:ticket|token|key|sig|signature|x-amz-[a-z-]+)(?==)"
    r"|password|passwd|api[_ -]?key|secret(?:[_ -]?access)?(?:[_ -]?key)?"
    r"|(?:access|refresh|session)[_ -]?token|private[_ -]?key|client[_ -]?secret)"
    r"(?:\\?['\"`])?\s*[:=]\s*(?:\\?['\"`])?)"
    rf"{_SAID_OF_ONE}(?P<value>[^\s'\"`,;&)}}\]\\]{{4,}})",
    re.IGNORECASE,
)
_LOGIN: Final = re.compile(r"(?<=://)(?P<user>[^\s/@:'\"]*):[^\s/'\"]+(?=@)")
_NAMES_BEGIN: Final = ("bearer", "basic", "authorization", "passw", "key", "secret", "token", "ticket", "sig", "x-amz")
"""Lower case: a look for plain words is much cheaper than the pattern, and most lines hold none."""
_SECRET_NAME: Final = re.compile(r"(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY)\Z", re.IGNORECASE)
_SECRET_FIELDS: Final = frozenset(
    {"token", "password", "passwd", "secret", "authorization", "api_key", "apikey", "cookie", "set-cookie"}
)


class Secrets:
    """What must not be seen. *values* are those of our own settings."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        spellings = {spelling for value in values for spelling in _spellings(value)}
        self._own = _any_of(spellings)
        self._unmistakable = _any_of(spelling for spelling in spellings if len(spelling) >= NO_WORD)

    def hide_own(self, text: str) -> str:
        """Without the values that we were handed, in whatever spelling; short ones may be words of it, and stay."""
        return self._unmistakable.sub(REDACTED, text)

    def hide(self, text: str) -> str:
        """Without any of these, and without anything that looks like a secret."""
        text = _SHAPES.sub(REDACTED, self._own.sub(REDACTED, text))
        if "://" in text:
            text = _LOGIN.sub(rf"\g<user>:{REDACTED}", text)
        plain = text.lower()
        if any(word in plain for word in _NAMES_BEGIN):
            text = _NAMED.sub(lambda found: f"{found['scheme'] or found['key']}{REDACTED}", text)
        return text


def is_secret_field(name: str) -> bool:
    """Whether a field's name says that its text is one."""
    return name.lower() in _SECRET_FIELDS or (name.isupper() and _SECRET_NAME.search(name) is not None)


def secrets_in_environment(environ: Mapping[str, str]) -> list[str]:
    """Values of variables that are named like secrets, ours or a library's (AWS_SECRET_ACCESS_KEY)."""
    return [value for name, value in environ.items() if _SECRET_NAME.search(name) and not value.startswith("/")]


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """The longest first: a password that begins like another one is hidden whole. Of none: what nothing matches."""
    ordered = sorted(texts, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) if ordered else r"(?!)")


def _spellings(secret: str) -> Iterable[str]:
    """*secret* as it may come up: as it is, in a URL, in JSON, its lines, and the password of an address."""
    parts = {secret.strip(), *(line.strip() for line in secret.splitlines() if len(line) >= 20)}
    if "://" in secret and (password := _password_of(secret)):
        parts |= {password, unquote(password)}
    for part in parts:
        if len(part) >= NO_WORD or (len(part) >= LEAST_LENGTH and not part.isalpha()):
            yield from (part, quote(part, safe=""), json.dumps(part)[1:-1], repr(part)[1:-1])


def _password_of(address: str) -> str | None:
    try:
        return urlsplit(address).password
    except ValueError:
        return None

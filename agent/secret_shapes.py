"""What keys, tokens and passwords look like. The group `value`, where there is one, is the secret; else all of it."""

import re
from typing import Final

SECRET: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<![A-Za-z0-9_])(?:"
    r"sk-[-_A-Za-z0-9]{16,}|(?:sk|pk|rk|whsec)_(?=[A-Za-z_]*\d)\w{16,}|xox[a-z]-[-A-Za-z0-9]{10,}|xapp-[-A-Za-z0-9]{10,}"
    r"|gh[a-z]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[-\w]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|AIza[-\w]{30,}|ya29\.[-\w]{20,}|eyJ[-\w]{8,1000}+\.[-\w]{8,}+\.[-\w]*+)"
    r"|(?<=hooks\.slack\.com/services/)[\w/]{20,}"
)
LOGIN: Final = re.compile(r"(?<=://)(?P<value>[^\s/@:'\"]+:[^\s/@'\"]+)(?=@)")
NAMED_SECRET: Final = re.compile(
    r"(?:password|passwd|api[ _-]?key|secret|access[ _-]?token|비밀번호|パスワード)"
    r"[`\"']?\s*(?:is|[:=]|는|은|は)\s*[`\"']?(?P<value>(?=[^\s'\"`,;]*\d)[^\s'\"`,;]{6,})",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """*text* as it may be repeated to people: what another service says in its errors may quote any of these."""
    for pattern in (SECRET, LOGIN, NAMED_SECRET):
        text = pattern.sub(_hidden, text)
    return text


def _hidden(found: re.Match[str]) -> str:
    begin, end = found.span("value" if "value" in found.re.groupindex else 0)
    return f"{found[0][: begin - found.start()]}[…]{found[0][end - found.start() :]}"

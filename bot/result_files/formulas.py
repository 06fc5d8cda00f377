"""Text that a spreadsheet would run: `=cmd|' /C calc'!A0` in a cell is a formula to whoever opens the file.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import re
from typing import Final

# Full-width forms too: some spreadsheets of East Asian locales read them as the plain ones. What cannot be seen
# (blanks, zero-width characters, a byte order mark) may stand in front of them.
_INVISIBLE: Final = "\\s\\x00-\\x1f\u00a0\u200b-\u200f\u2060\ufeff"
_STARTS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20"
_AT_START: Final = re.compile(f"[\\t\\r\\n]|[{_INVISIBLE}]*[{_STARTS}]")
# Where the list separator is the semicolon, a comma file is split inside its quotes, and what stands behind a
# semicolon, a tab or a line end starts a cell. Lists ("\n- milk") and numbers stay as they are.
_INSIDE: Final = re.compile(f"(?<=[;\\t\\r\\n])(?=[{_INVISIBLE}]*(?:[=@\uff1d\uff20]|[+\\-\uff0b\uff0d](?![\\s\\d])))")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take *text*, as the whole of a cell, for a formula."""
    return _AT_START.match(text) is not None


def neutralised(text: str) -> str:
    """*text* behind the apostrophe that makes it text to every spreadsheet, wherever it needs one."""
    if is_formula(text):
        text = f"'{text}"
    return _INSIDE.sub("'", text)
